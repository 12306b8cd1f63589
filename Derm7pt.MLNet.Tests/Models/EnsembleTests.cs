using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Tests.Networks.Encoders;
using Derm7pt.MLNet.Tests.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>One model of several, against the models themselves.</summary>
[TestClass]
public sealed class EnsembleTests
{
    private const double Tolerance = 1e-6;

    [TestMethod]
    [DataRow(GateMode.Learned, 2)]
    [DataRow(GateMode.Closed, 3)]
    [DataRow(GateMode.Learned, 5)]
    public void Combine_Models_ScoresTheMeanOfTheirProbabilitiesAndGates(GateMode gates, int count)
    {
        MultiTaskModel[] models = [.. Enumerable.Range(0, count).Select(seed => TestModels.Small(gates, seed: seed + 1, filters: [2, 3]))];
        MultiTaskModel ensemble = TestModels.Combine(models);
        float[][] images = OnnxRun.RandomImages(ensemble, 4, seed: 9);

        var actual = OnnxRun.Run(ModelFile.Write(ensemble), ensemble, images);

        var each = models.Select(model => OnnxRun.Run(ModelFile.Write(model), model, images)).ToArray();
        foreach (string column in ensemble.Taxonomy.Tasks.Select(task => $"{task.Name}Score").Append("GateAlphas").Append("MelanomaProbability"))
        {
            CollectionAssert.AreEqual(each[0][column].Shape, actual[column].Shape, column);
            for (int i = 0; i < actual[column].Values.Length; i++)
                Assert.AreEqual(each.Average(output => output[column].Values[i]), actual[column].Values[i], Tolerance, $"{column}, value {i}");
        }

        // Labels and their sum are those of the mean, not a vote.
        for (int image = 0; image < images.Length; image++)
        {
            int sum = 0;
            foreach (ClassificationTask task in ensemble.Taxonomy.Tasks)
            {
                double[] scores = actual[$"{task.Name}Score"].Values[(image * task.Labels.Count)..((image + 1) * task.Labels.Count)];
                int label = Array.IndexOf(scores, scores.Max());
                Assert.AreEqual(label, (int)actual[$"{task.Name}PredictedLabel"].Values[image]);
                sum += task.Labels[label].Score;
            }

            Assert.AreEqual(sum, actual["SevenPointScore"].Values[image]);
        }
    }

    [TestMethod]
    public void Combine_ModelsWithViews_ScoresTheMeanOverBoth()
    {
        MultiTaskModel[] models =
            [.. Enumerable.Range(1, 3).Select(seed => TestTimeAugmentationTests.WithViews(TestModels.Small(seed: seed, filters: [2, 3])))];
        MultiTaskModel ensemble = TestModels.Combine(models);
        float[][] images = OnnxRun.RandomImages(ensemble, 2, seed: 9);

        double[] actual = OnnxRun.Run(ModelFile.Write(ensemble), ensemble, images)["DiagnosisScore"].Values;

        double[][] each = [.. models.Select(model => OnnxRun.Run(ModelFile.Write(model), model, images)["DiagnosisScore"].Values)];
        for (int i = 0; i < actual.Length; i++)
            Assert.AreEqual(each.Average(values => values[i]), actual[i], Tolerance);
    }

    [TestMethod]
    public void Read_WrittenEnsemble_GivesTheSameMembers()
    {
        MultiTaskModel[] models =
        [
            WithSeed(TestModels.Small(seed: 1), seed: 3), WithSeed(TestModels.Small(seed: 2), seed: 5),
            TestModels.Small(seed: 3).WithHistory(new TrainingHistory([], bestEpoch: 0)),
        ];
        byte[] file = ModelFile.Write(TestModels.Combine(models));

        SavedModel read = ModelFile.Read(file, "x");

        Assert.HasCount(3, read.Model.Members);
        for (int i = 0; i < models.Length; i++)
        {
            ModelMember expected = models[i].Members[0], actual = read.Model.Members[i];
            CollectionAssert.AreEqual(expected.State.Select(t => t.Name).ToArray(), actual.State.Select(t => t.Name).ToArray());
            Assert.IsTrue(expected.State.Zip(actual.State).All(pair => pair.First.Values.SequenceEqual(pair.Second.Values)));
            Assert.AreEqual(TinyCases.Measured(expected.History), TinyCases.Measured(actual.History));
            Assert.AreEqual(expected.Recipe?.ToJson(), actual.Recipe?.ToJson());
        }

        // The graph is built again from what was read, and it is the same to the last byte.
        CollectionAssert.AreEqual(file, read.Onnx);
        CollectionAssert.AreEqual(Array.Empty<EpochMetrics>(), read.Model.History.Epochs.ToArray());
    }

    [TestMethod]
    public void Recipe_MembersThatDifferInTheSeed_IsThatOfTheFirst()
    {
        MultiTaskModel first = WithSeed(TestModels.Small(seed: 1), seed: 3), second = WithSeed(TestModels.Small(seed: 2), seed: 5);
        MultiTaskModel other = WithSeed(TestModels.Small(seed: 2), seed: 3, learningRate: 0.5);

        Assert.AreEqual(3, TestModels.Combine(first, second).Recipe!.Training.Seed);
        Assert.IsNull(TestModels.Combine(first, other).Recipe);
        Assert.IsNull(TestModels.Combine(first, TestModels.Small(seed: 2)).Recipe);
    }

    [TestMethod]
    public void Combine_ManyMembers_CanBeReadAgain()
    {
        MultiTaskModel[] models = [.. Enumerable.Range(0, ModelLimits.Members).Select(seed => TestModels.Small(seed: seed))];

        Assert.HasCount(ModelLimits.Members, ModelFile.Read(ModelFile.Write(TestModels.Combine(models)), "x").Model.Members);

        string message = Assert.ThrowsExactly<ArgumentException>(() => TestModels.Combine([.. models, models[0]])).Message;
        StringAssert.Contains(message, "at most 64 members, got 65");
    }

    [TestMethod]
    public void Combine_ModelsOnOneFrozenEncoder_HoldsItOnce()
    {
        using var folder = new TemporaryFolder();
        using Derm7ptMultiTaskTransformer first = FitOnEncoder(folder, seed: 1, trainedStages: 0), second = FitOnEncoder(folder, seed: 2, trainedStages: 0);
        using Derm7ptMultiTaskTransformer tuned = FitOnEncoder(folder, seed: 1, trainedStages: 1);

        using Derm7ptMultiTaskTransformer frozen = TinyCases.Ml.Model.CombineDerm7pt([first, second]);
        using Derm7ptMultiTaskTransformer separate = TinyCases.Ml.Model.CombineDerm7pt([tuned, tuned, WithOtherEncoder(tuned)]);

        string[] names = Initializers(frozen);
        Assert.Contains("encoder.stem.weight", names);
        Assert.DoesNotContain(name => name.StartsWith("members.0.encoder.", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal), names);
        Assert.Contains("members.2.encoder.stem.weight", Initializers(separate));
        Assert.DoesNotContain("encoder.stem.weight", Initializers(separate));
        AssertIsMean([first, second], frozen);
        SavedModel read = ModelFile.Read(ModelFile.Write(frozen.Model), "x");
        CollectionAssert.AreEqual(ModelFile.Write(frozen.Model), read.Onnx);
    }

    [TestMethod]
    public void CombineDerm7pt_TrainedModels_IsOneModelEverywhere()
    {
        IDataView data = TinyCases.View(10);
        using Derm7ptMultiTaskTransformer first = Fit(seed: 1), second = Fit(seed: 2), third = Fit(seed: 3);
        using var folder = new TemporaryFolder();

        using Derm7ptMultiTaskTransformer pair = TinyCases.Ml.Model.CombineDerm7pt([first, second]);
        using Derm7ptMultiTaskTransformer ensemble = TinyCases.Ml.Model.CombineDerm7pt([pair, third]);

        Assert.AreEqual((1, 2, 3), (first.MemberCount, pair.MemberCount, ensemble.MemberCount));
        Assert.AreEqual(3 * first.ParameterCount, ensemble.ParameterCount);
        Assert.HasCount(2, ensemble.MemberHistories[2].Epochs);
        Assert.IsEmpty(ensemble.History.Epochs);
        Assert.IsEmpty(ensemble.Gates.Epochs);
        Assert.AreEqual(1, ensemble.Recipe!.Training.Seed);
        AssertIsMean([first, second, third], ensemble);
        float[] gates = [.. ensemble.Transform(data).GetColumn<float[]>("GateAlphas").First()];
        float[][] each = [.. new[] { first, second, third }.Select(model => model.Transform(data).GetColumn<float[]>("GateAlphas").First())];
        for (int i = 0; i < gates.Length; i++)
            Assert.AreEqual(each.Average(values => values[i]), gates[i], Tolerance);

        float[][] scores = TinyRun.Scores(ensemble.Transform(data));
        TinyCases.Ml.Model.Save(ensemble, data.Schema, folder.File("model.zip"));
        ensemble.SaveAsOnnx(folder.File("model.onnx"));
        TinyRun.AssertEqual(scores, TinyRun.Scores(new MLContext().Model.Load(folder.File("model.zip"), out _).Transform(data)), 1e-6f);
        foreach (string file in (string[])["model.zip", "model.onnx"])
        {
            using Derm7ptMultiTaskTransformer loaded = TinyCases.Ml.Model.LoadDerm7ptMultiTask(folder.File(file));
            Assert.AreEqual(3, loaded.MemberCount);
            TinyRun.AssertEqual(scores, TinyRun.Scores(loaded.Transform(data)), 0);
        }
    }

    [TestMethod]
    public void CombineDerm7pt_OneModel_CanTurnViewsOn()
    {
        using Derm7ptMultiTaskTransformer model = Fit(seed: 1);

        using Derm7ptMultiTaskTransformer same = TinyCases.Ml.Model.CombineDerm7pt([model]);
        using Derm7ptMultiTaskTransformer viewed = TinyCases.Ml.Model.CombineDerm7pt([model], testTimeAugmentation: true);
        using Derm7ptMultiTaskTransformer both = TinyCases.Ml.Model.CombineDerm7pt([model, viewed], testTimeAugmentation: false);

        Assert.AreEqual(1, viewed.MemberCount);
        Assert.IsTrue(viewed.Recipe!.Network.TestTimeAugmentation);
        Assert.IsFalse(model.Recipe!.Network.TestTimeAugmentation);
        float[][] scores = TinyRun.Scores(model.Transform(TinyCases.View(5)));
        TinyRun.AssertEqual(scores, TinyRun.Scores(same.Transform(TinyCases.View(5))), 0);
        TinyRun.AssertEqual(scores, TinyRun.Scores(both.Transform(TinyCases.View(5))), 1e-6f);
        Assert.IsFalse(scores.SelectMany(row => row).SequenceEqual(TinyRun.Scores(viewed.Transform(TinyCases.View(5))).SelectMany(row => row)));
        string message = Assert.ThrowsExactly<ArgumentException>(() => TinyCases.Ml.Model.CombineDerm7pt([model, viewed])).Message;
        StringAssert.Contains(message, "TestTimeAugmentation: one model has it and the other does not");
    }

    [TestMethod]
    public void CombineDerm7pt_ModelsThatDiffer_NamesTheDifferences()
    {
        MultiTaskModel model = TestModels.Small();

        AssertDiffers("Model 2 does not fit the first one. Taxonomy: ", model, TestModels.Small(taxonomy: Taxonomy.BinaryDiagnosis));
        AssertDiffers("Image size: 30×30, expected 32×21", model, TestModels.Create(Taxonomy.Derm7pt, 1, 30, 30, [1, 1]));
        AssertDiffers("Filters: [1,1] in the first, [1,2] in this one", model, TestModels.Small(filters: [1, 2]));
        AssertDiffers("Sharing.Mode: Learned in the first, Closed in this one", model, TestModels.Small(GateMode.Closed));
        AssertDiffers("at least one model, got none");
        Assert.ThrowsExactly<ArgumentNullException>(() => TinyCases.Ml.Model.CombineDerm7pt([null!]));
        Assert.ThrowsExactly<ArgumentNullException>(() => TinyCases.Ml.Model.CombineDerm7pt(null!));
    }

    [TestMethod]
    public void Fit_InitialModelIsAnEnsemble_IsRefused()
    {
        using Derm7ptMultiTaskTransformer model = Fit(seed: 1), ensemble = TinyCases.Ml.Model.CombineDerm7pt([model, model]);

        string message = Assert.ThrowsExactly<ArgumentException>(
            () => TinyCases.Fit(new Derm7ptMultiTaskEstimator.Options(TinyCases.Options()) { InitialModel = ensemble })).Message;

        Assert.AreEqual("InitialModel must be a single model, got an ensemble of 2: take one of the models that it was made of.", message);
    }

    [TestMethod]
    [DataRow("1")]
    [DataRow("65")]
    [DataRow("-2")]
    [DataRow("many")]
    [DataRow("99999999999")]
    public void Read_WrongNumberOfMembers_IsRefused(string count)
    {
        string message = Refused(file => file.MetadataProps.Single(entry => entry.Key == ModelFile.MemberCountKey).Value = count);

        StringAssert.Contains(message, "number of its members must be from 2 to 64");
    }

    [TestMethod]
    public void Read_EnsembleThatLacksAPart_NamesIt()
    {
        StringAssert.Contains(
            Refused(file => file.MetadataProps.Single(entry => entry.Key == ModelFile.MemberCountKey).Value = "3"), "tensor 'members.2.");
        StringAssert.Contains(
            Refused(file => file.MetadataProps.Remove(file.MetadataProps.Single(entry => entry.Key == ModelFile.MemberKey(ModelFile.HistoryKey, 1)))),
            "no entry 'derm7pt.members.1.history'");
        StringAssert.Contains(
            Refused(file => file.Graph.Initializer.Single(tensor => tensor.Name == "members.1.heads.dense_weight").Name = "heads.dense_weight"),
            "tensor 'members.1.heads.dense_weight' is missing");
        // Without the number of members it is no single model either.
        StringAssert.Contains(
            Refused(file => file.MetadataProps.Remove(file.MetadataProps.Single(entry => entry.Key == ModelFile.MemberCountKey))), "is missing");
    }

    [TestMethod]
    public void Explain_Ensemble_IsTheMeanOfTheMembersMaps()
    {
        MultiTaskModel[] models = [.. new[] { 1, 2, 4 }.Select(seed => TestModels.Small(seed: seed, filters: [2, 3]))];
        float[] image = OnnxRun.RandomImages(models[0], 1, seed: 3)[0];
        using var gradCam = new GradCam(TestModels.Combine(models));

        foreach (ClassificationTask task in models[0].Taxonomy.Tasks)
        {
            float[][] maps = [.. models.Select(model => Explain(model, image, task.Name))];
            float[] sum = [.. Enumerable.Range(0, maps[0].Length).Select(i => maps.Sum(map => map[i]))];

            float[] actual = gradCam.Explain(image, task.Name, label: 1, block: 0).Values.ToArray();

            for (int i = 0; i < actual.Length; i++)
                Assert.AreEqual(sum.Max() > 0 ? sum[i] / sum.Max() : 0, actual[i], 1e-5);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Explain_NoLabel_IsAboutTheLabelThatTheModelPredicts(bool withViews)
    {
        MultiTaskModel[] models = [.. Enumerable.Range(0, 4).Select(seed => TestModels.Small(seed: seed, filters: [2, 3]))];
        MultiTaskModel ensemble = TestModels.Combine(models);
        if (withViews)
            ensemble = TestTimeAugmentationTests.WithViews(ensemble);
        using var gradCam = new GradCam(ensemble);
        foreach (float[] image in OnnxRun.RandomImages(ensemble, 5, seed: 2))
        {
            var scored = OnnxRun.Run(ModelFile.Write(ensemble), ensemble, image);
            foreach (ClassificationTask task in ensemble.Taxonomy.Tasks)
            {
                // Two runtimes may order nearly equal probabilities differently.
                double[] descending = [.. scored[$"{task.Name}Score"].Values.OrderDescending()];
                if (descending[0] - descending[1] > 1e-4)
                    Assert.AreEqual((int)scored[$"{task.Name}PredictedLabel"].Values[0], gradCam.Explain(image, task.Name).Label);
            }
        }
    }

    private static float[] Explain(MultiTaskModel model, float[] image, string task)
    {
        using var gradCam = new GradCam(model);
        return gradCam.Explain(image, task, label: 1, block: 0).Values.ToArray();
    }

    private static void AssertIsMean(IReadOnlyList<Derm7ptMultiTaskTransformer> models, Derm7ptMultiTaskTransformer ensemble)
    {
        IDataView data = TinyCases.View(10, extent: models[0].ImageHeight);
        float[][][] each = [.. models.Select(model => TinyRun.Scores(model.Transform(data)))];
        float[][] actual = TinyRun.Scores(ensemble.Transform(data));
        for (int row = 0; row < actual.Length; row++)
        {
            for (int i = 0; i < actual[row].Length; i++)
                Assert.AreEqual(each.Average(scores => scores[row][i]), actual[row][i], Tolerance);
        }
    }

    private static void AssertDiffers(string expected, params MultiTaskModel[] models) =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TestModels.Combine(models)).Message, expected);

    private static string Refused(Action<ModelProto> change)
    {
        byte[] file = ModelFile.Write(TestModels.Combine(TestModels.Small(seed: 1), TestModels.Small(seed: 2)));
        return Assert.ThrowsExactly<Derm7ptModelException>(() => ModelFile.Read(TestModels.Forge(file, change), "forged")).Message;
    }

    private static MultiTaskModel WithSeed(MultiTaskModel model, int seed, double learningRate = 1e-3) => model with
    {
        Members =
        [
            model.Members[0] with
            {
                Recipe = new TrainingRecipe
                {
                    Network = new NetworkOptions { FiltersPerBlock = [1, 1] },
                    Training = new TrainingOptions { Seed = seed, LearningRate = learningRate },
                },
            },
        ],
    };

    private static Derm7ptMultiTaskTransformer Fit(int seed) =>
        TinyCases.Fit(TinyCases.Options(maximumEpochs: 2).With(training: t => new TrainingOptions(t) { Seed = seed }));

    private static Derm7ptMultiTaskTransformer FitOnEncoder(TemporaryFolder folder, int seed, int trainedStages)
    {
        string file = ExtractorFile.Everything().Save(folder.Path);
        return TinyCases.Fit(
            TinyCases.Options(maximumEpochs: 1).With(
                network: n => new NetworkOptions(n)
                {
                    Encoder = new EncoderOptions { File = file, Stage = 2, TrainedStages = trainedStages },
                    FiltersPerBlock = [4, 4],
                    InputSize = 56,
                },
                training: t => new TrainingOptions(t) { Seed = seed },
                data: d => new DataOptions(d) { ValidationSet = TinyCases.View(15, seed: 2, extent: 48) }),
            TinyCases.View(extent: 48));
    }

    private static Derm7ptMultiTaskTransformer WithOtherEncoder(Derm7ptMultiTaskTransformer model) => new(
        model.Model.With(tensor => tensor.Name == "encoder.stem.weight" ? tensor with { Values = [.. tensor.Values.Select(value => value / 2)] } : tensor),
        "Image", TinyCases.View(extent: 48).Schema, scoringBatchSize: 4);

    private static string[] Initializers(Derm7ptMultiTaskTransformer model) =>
        [.. ModelGraph.Create(model.Model).Graph.Initializer.Select(tensor => tensor.Name)];
}
