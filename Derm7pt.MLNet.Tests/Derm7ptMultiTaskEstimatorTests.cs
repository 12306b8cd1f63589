using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Synthetic;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public sealed class Derm7ptMultiTaskEstimatorTests
{
    private static TinyRun Run => TinyRun.Shared;

    [TestMethod]
    public void GetOutputSchema_Promised_IsDelivered()
    {
        IEstimator<ITransformer> estimator = Run.Ml.Transforms.Derm7ptMultiTask(Run.Options);
        IDataView input = Run.Images.Transform(Run.Release.Train);
        SchemaShape promised = estimator.GetOutputSchema(ShapeOf(input));
        DataViewSchema delivered = estimator.Fit(input).GetOutputSchema(input.Schema);

        foreach (SchemaShape.Column column in promised)
        {
            DataViewSchema.Column actual = delivered[column.Name];
            DataViewType item = actual.Type is VectorDataViewType vector ? vector.ItemType : actual.Type;
            Assert.AreEqual(actual.Type is VectorDataViewType, column.Kind != SchemaShape.Column.VectorKind.Scalar, column.Name);
            Assert.AreEqual(item is KeyDataViewType, column.IsKey, column.Name);
            Assert.AreEqual(item.RawType, column.ItemType.RawType, column.Name);
            foreach (SchemaShape.Column annotation in column.Annotations)
                Assert.IsNotNull(actual.Annotations.Schema.GetColumnOrNull(annotation.Name), $"{column.Name}: {annotation.Name}");
        }

        CollectionAssert.IsSubsetOf(
            Taxonomy.Derm7pt.Tasks.SelectMany(t => new[] { t.Name + "Score", t.Name + "PredictedLabel", t.Name + "PredictedLabelText" })
                .Concat(["GateAlphas", "SevenPointScore", "MelanomaProbability"]).ToArray(),
            promised.Select(column => column.Name).ToArray());
    }

    [TestMethod]
    public void Append_MapKeyToValueOfAPrediction_IsAcceptedBeforeFitting()
    {
        var pipeline = Run.Pipeline(Run.Options).Append(Run.Ml.Transforms.Conversion.MapKeyToValue("Text", "StreaksPredictedLabel"));

        IDataView scored = pipeline.Fit(Run.Release.Train).Transform(Run.Release.Test);

        CollectionAssert.AreEqual(
            scored.GetColumn<string>("StreaksPredictedLabelText").ToArray(), scored.GetColumn<string>("Text").ToArray());
    }

    [TestMethod]
    [DataRow(GateMode.Learned)]
    [DataRow(GateMode.Closed)]
    public void Fit_EitherGateMode_TrainsAndReportsEveryEpoch(GateMode gates)
    {
        var heard = new List<TrainingProgress>();
        using Derm7ptMultiTaskTransformer transformer = Run.Pipeline(
            Run.Options.With(
                network: n => new NetworkOptions(n) { Gates = gates },
                training: t => new TrainingOptions(t) { ValidationFraction = 0.3 },
                runtime: r => new RuntimeOptions(r) { Progress = new Callback<TrainingProgress>(heard.Add) }))
            .Fit(Run.Release.Train).LastTransformer;

        Assert.HasCount(2, transformer.History.Epochs);
        Assert.HasCount(2, heard.OfType<TrainingProgress.EpochDone>());
        Assert.HasCount(4, heard.OfType<TrainingProgress.BatchDone>());
        Assert.IsTrue(transformer.History.Epochs.All(e => double.IsFinite(e.TrainingLoss) && e.Validation!.MacroF1.Count == 8));
    }

    [TestMethod]
    public void Fit_LogContext_TellsOfEveryEpoch()
    {
        var ml = new MLContext(1);
        var messages = new List<string>();
        ml.Log += (_, e) => messages.Add(e.RawMessage);

        using Derm7ptMultiTaskTransformer transformer =
            Run.Pipeline(Run.Options.With(runtime: r => new RuntimeOptions(r) { LogTo = ml })).Fit(Run.Release.Train).LastTransformer;

        Assert.HasCount(2, messages.Where(message => message.StartsWith("Epoch ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Fit_LogContext_WarnsOfMissingLabelsAndOfSharedImages()
    {
        var ml = new MLContext(1);
        var warnings = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
                warnings.Add(e.RawMessage);
        };
        string[] paths = [.. Run.Release.Train.GetColumn<string>("ImagePath")];
        var texts = new ColumnarDataView.Builder(paths.Length).AddText("ImagePath", paths);
        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
        {
            texts.AddText(task.Name, [.. Run.Release.Train.GetColumn<string>($"{task.Name}Raw")
                .Select((raw, row) => task.Name == "Streaks" && row == 2 ? "" : raw)]);
        }

        Derm7ptMultiTaskEstimator.Options options = Run.Options.With(
            data: d => new DataOptions(d) { ValidationSet = Run.Images.Transform(ml.Data.TakeRows(ml.Data.SkipRows(Run.Release.Train, 4), 25)) },
            runtime: r => new RuntimeOptions(r) { LogTo = ml });
        Run.Pipeline(options).Fit(ml.Data.MapDerm7ptLabels(texts.Build())).LastTransformer.Dispose();

        Assert.HasCount(22, warnings);
        Assert.AreEqual($"1 of {paths.Length} labels of Streaks are missing in the training data and left out of the loss.", warnings[0]);
        Assert.AreEqual("Leakage: row 0 of the validation set has the image of row 4 of the training data.", warnings[1]);
        Assert.AreEqual("Leakage: row 19 of the validation set has the image of row 23 of the training data.", warnings[20]);
        Assert.AreEqual("5 more rows have the image of another row.", warnings[21]);
    }

    [TestMethod]
    public void Fit_WithoutSamplingStage_DrawsFromTheNaturalDistribution()
    {
        using Derm7ptMultiTaskTransformer transformer =
            Run.Pipeline(Run.Options.With(training: t => new TrainingOptions(t) { BatchSize = 10 }), samplesPerLabel: null).Fit(Run.Release.Train).LastTransformer;

        Assert.HasCount(2, transformer.History.Epochs);
    }

    [TestMethod]
    public void Fit_ValidationSet_IsWhatTheMetricsAreOf()
    {
        IDataView validation = Run.Images.Transform(Run.Release.Validation);
        var pipeline = Run.Pipeline(Run.Options.With(
            training: t => new TrainingOptions(t) { EarlyStoppingMetric = EarlyStoppingMetric.ValidationLoss },
            data: d => new DataOptions(d) { ValidationSet = validation }));
        TransformerChain<Derm7ptMultiTaskTransformer> model = pipeline.Fit(Run.Release.Train);
        using Derm7ptMultiTaskTransformer transformer = model.LastTransformer;

        EpochMetrics best = transformer.History.Epochs[transformer.History.BestEpoch - 1];
        MultiTaskEvaluation evaluation = Run.Ml.MulticlassClassification.EvaluateDerm7pt(model.Transform(Run.Release.Validation));

        Assert.AreEqual(transformer.History.Epochs.Min(e => e.Validation!.Loss), best.Validation!.Loss);
        for (int task = 0; task < 8; task++)
            Assert.AreEqual(evaluation.Tasks[task].Model.Confusion.MacroF1, best.Validation.MacroF1[task], 1e-9, $"task {task}");
    }

    [TestMethod]
    public void Fit_BinaryDiagnosis_HasTwoDiagnoses()
    {
        Derm7ptRelease release = Run.Ml.Data.LoadDerm7pt(Run.Release.Folder, Taxonomy.BinaryDiagnosis);
        TransformerChain<Derm7ptMultiTaskTransformer> model =
            Run.Pipeline(new Derm7ptMultiTaskEstimator.Options(Run.Options) { Taxonomy = Taxonomy.BinaryDiagnosis }).Fit(release.Train);
        using Derm7ptMultiTaskTransformer transformer = model.LastTransformer;

        float[][] scores = TinyRun.Vectors(model.Transform(release.Test), "DiagnosisScore");
        float[] melanoma = [.. model.Transform(release.Test).GetColumn<float>("MelanomaProbability")];

        for (int row = 0; row < scores.Length; row++)
            Assert.AreEqual(scores[row][1], melanoma[row]);
    }

    [TestMethod]
    public void Fit_ImageCacheOfZeroBytes_GivesTheSameModelFromFiles()
    {
        using Derm7ptMultiTaskTransformer memory = Run.Pipeline(Run.Options).Fit(Run.Release.Train).LastTransformer;
        using Derm7ptMultiTaskTransformer mapped =
            Run.Pipeline(Run.Options.With(data: d => new DataOptions(d) { ImageCacheBytes = 0 })).Fit(Run.Release.Train).LastTransformer;

        CollectionAssert.AreEqual(
            memory.History.Epochs.Select(e => e.TrainingLoss).ToArray(), mapped.History.Epochs.Select(e => e.TrainingLoss).ToArray());
    }

    [TestMethod]
    public void Fit_InputThatChangesItsOrder_IsFoundOut()
    {
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => Run.Pipeline(Run.Options).Fit(new ReshuffledView(Run.Release.Train)));

        StringAssert.Contains(e.Message, "in another order");
    }

    [TestMethod]
    public void Fit_MissingLabelColumns_NamesAllOfThem()
    {
        IDataView data = Run.Ml.Transforms.DropColumns("Streaks", "Pigmentation").Fit(Run.Release.Train).Transform(Run.Release.Train);

        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run.Pipeline(Run.Options, samplesPerLabel: null).Fit(data));

        StringAssert.Contains(e.Message, "Could not find label column 'Streaks'.");
        StringAssert.Contains(e.Message, "Could not find label column 'Pigmentation'.");
    }

    [TestMethod]
    public void Fit_LabelsOfAnotherTaxonomy_TellsExpectedAndActual()
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Run.Pipeline(new Derm7ptMultiTaskEstimator.Options(Run.Options) { Taxonomy = Taxonomy.BinaryDiagnosis }).Fit(Run.Release.Train));

        StringAssert.Contains(e.Message, "Schema mismatch for label column 'Diagnosis': expected Key<UInt32, 0-1> with key values not melanoma, melanoma");
    }

    [TestMethod]
    public void Fit_ImagesOfUnknownSize_AdvisesToResize()
    {
        var pipeline = Run.Ml.Transforms.LoadImages("Image", "", "ImagePath").Append(Run.Ml.Transforms.Derm7ptMultiTask(Run.Options));

        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(Run.Release.Train));

        StringAssert.Contains(e.Message, "add ResizeImages before this stage");
    }

    [TestMethod]
    public void Fit_AfterACacheCheckpoint_SaysThatTheCacheLeavesImagesOut()
    {
        var pipeline = Run.Ml.Transforms.LoadImages("Image", "", "ImagePath")
            .Append(Run.Ml.Transforms.ResizeImages("Image", TinyRun.ImageSize, TinyRun.ImageSize))
            .AppendCacheCheckpoint(Run.Ml)
            .Append(Run.Ml.Transforms.Derm7ptMultiTask(Run.Options));

        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(Run.Release.Train));

        StringAssert.Contains(e.Message, "Could not find image column 'Image'");
        StringAssert.Contains(e.Message, "AppendCacheCheckpoint");
        StringAssert.Contains(e.Message, "before LoadImages or after ExtractPixels");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Fit_CacheWhereTheMessageAdvises_TrainsTheSameModel(bool afterExtractPixels)
    {
        var ml = Run.Ml;
        IEstimator<ITransformer> images = ml.Transforms.LoadImages("Image", "", "ImagePath")
            .Append(ml.Transforms.ResizeImages("Image", TinyRun.ImageSize, TinyRun.ImageSize));
        Derm7ptMultiTaskEstimator.Options options = Run.Options.With(data: d => new DataOptions(d) { ImageColumnName = afterExtractPixels ? "Pixels" : "Image" });
        IDataView train = afterExtractPixels ? Run.Release.Train : ml.Data.Cache(Run.Release.Train);
        var stages = afterExtractPixels
            ? images.Append(ml.Transforms.ExtractPixels("Pixels", "Image", scaleImage: 1 / 255f)).AppendCacheCheckpoint(ml)
                .Append(ml.Transforms.Derm7ptBalancedSampling(1)).Append(ml.Transforms.Derm7ptMultiTask(options))
            : images.Append(ml.Transforms.Derm7ptBalancedSampling(1)).Append(ml.Transforms.Derm7ptMultiTask(options));

        using Derm7ptMultiTaskTransformer model = stages.Fit(train).LastTransformer;

        CollectionAssert.AreEqual(
            Run.Model.LastTransformer.History.Epochs.Select(epoch => epoch.TrainingLoss).ToArray(),
            model.History.Epochs.Select(epoch => epoch.TrainingLoss).ToArray());
    }

    [TestMethod]
    public void Fit_ValidationSetWithoutColumns_SaysThatItIsTheValidationSet()
    {
        string labels = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run.Pipeline(
            Run.Options.With(data: d => new DataOptions(d)
            {
                ValidationSet = Run.Ml.Transforms.DropColumns("Streaks").Fit(Run.Release.Train).Transform(Run.Release.Train),
            }))
            .Fit(Run.Release.Train)).Message;
        string image = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Run.Pipeline(Run.Options.With(data: d => new DataOptions(d) { ValidationSet = Run.Release.Validation })).Fit(Run.Release.Train)).Message;

        StringAssert.StartsWith(labels, "The validation set does not fit.");
        StringAssert.Contains(image, "The validation set has ImagePath");
    }

    [TestMethod]
    public void Fit_ImagesTooSmallForTheBlocks_TellsTheSmallestSize()
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Run.Pipeline(Run.Options.With(network: n => new NetworkOptions(n) { FiltersPerBlock = [1, 1, 1, 1] })).Fit(Run.Release.Train));

        StringAssert.Contains(e.Message, "got 32×32");
    }

    [TestMethod]
    public void Fit_UnreadableImage_NamesTheFile()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"derm7pt-bad-{Guid.NewGuid():N}");
        try
        {
            SyntheticRelease.Write(folder, new SyntheticReleaseOptions { Cases = 90, Width = 96, Height = 64 });
            Derm7ptRelease release = Run.Ml.Data.LoadDerm7pt(folder);
            string image = release.Train.GetColumn<string>("ImagePath").ElementAt(5);
            File.WriteAllText(image, "not a JPEG");

            var e = Assert.ThrowsExactly<InvalidDataException>(() => Run.Pipeline(Run.Options).Fit(release.Train));

            StringAssert.StartsWith(e.Message, $"Row 5 (");
            StringAssert.Contains(e.Message, image);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // These are the values of the paper.
    [TestMethod]
    public void Options_Defaults_AreThoseOfThePaper()
    {
        var network = new NetworkOptions();
        var training = new TrainingOptions();

        CollectionAssert.AreEqual(new[] { 2, 4, 8, 16 }, network.FiltersPerBlock.ToArray());
        Assert.AreEqual(
            (1.0, 3.0, 0.3, 144, (int?)6, 999, 200), (network.WidthMultiplier, network.GateSteepness, network.Dropout, training.BatchSize,
                training.BatchesPerEpoch, training.MaximumEpochs, training.Patience));
        Assert.AreEqual(
            (1e-3, 1e-1, 2.0, 1e-4, 0.0), (training.LearningRate, training.GateLearningRate, training.FocusingParameter,
                training.L2Regularization, training.GateL1Regularization));
        AugmentationOptions augmentation = training.Augmentation!;
        Assert.AreEqual(
            (90.0, 0.1, 0.1, 10.0, true, true), (augmentation.RotationDegrees, augmentation.ShiftFraction, augmentation.ZoomFraction,
                augmentation.ShearDegrees, augmentation.HorizontalFlip, augmentation.VerticalFlip));
        // Options that the paper does not use are off.
        Assert.AreEqual(
            (1.0, 1.0, null, null, false), (augmentation.CropShareMinimum, augmentation.CropShareMaximum, augmentation.OutputHeight,
                augmentation.OutputWidth, augmentation.QuarterTurns));
        Assert.AreEqual(
            (0.0, 0.0, 0.0), (augmentation.BrightnessFraction, augmentation.ContrastFraction, augmentation.MixupAlpha));
        Assert.AreEqual(
            (0.0, null, LearningRateSchedule.Constant, 0.0, 0.0), (training.WeightDecay, training.EncoderLearningRate, training.LearningRateSchedule,
                training.WarmUpEpochs, training.AverageDecay));
        Assert.AreEqual(
            (0.0, null, LossCombination.Sum), (training.LabelSmoothing, training.ClassWeightExponent, training.LossCombination));
        Assert.AreEqual((GateMode.Learned, EarlyStoppingMetric.MeanMacroF1), (network.Gates, training.EarlyStoppingMetric));
        var sampling = (Derm7ptBalancedSamplingTransformer)Run.Ml.Transforms.Derm7ptBalancedSampling().Fit(Run.Release.Train);
        Assert.AreEqual(24 * sampling.SamplesPerLabel, training.BatchSize);
    }

    [TestMethod]
    public void Fit_NetworkBeyondWhatCanBeLoaded_IsRefusedBeforeTraining()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(
            () => Run.Ml.Transforms.Derm7ptMultiTask(new() { Network = new() { FiltersPerBlock = [.. Enumerable.Repeat(1, 17)] } }));
        StringAssert.Contains(e.Message, "Network.FiltersPerBlock must hold 1 to 16 positive numbers");

        e = Assert.ThrowsExactly<ArgumentException>(
            () => Run.Ml.Transforms.Derm7ptMultiTask(new() { Network = new() { FiltersPerBlock = [16, 16, 16, 16], WidthMultiplier = 64.25 } }));
        StringAssert.Contains(e.Message, "262144 are allowed");
    }

    [TestMethod]
    public void Derm7ptMultiTask_TasksWhoseColumnsClash_AreRefused()
    {
        Taxonomy taxonomy = Taxonomy.FromJson(Taxonomy.Derm7pt.ToJson().Replace("PigmentNetwork", "SevenPoint", StringComparison.Ordinal));

        var e = Assert.ThrowsExactly<ArgumentException>(() => Run.Ml.Transforms.Derm7ptMultiTask(new() { Taxonomy = taxonomy }));

        StringAssert.Contains(e.Message, "give two columns the name 'SevenPointScore'");
    }

    [TestMethod]
    public void Derm7ptMultiTask_BadOptions_TellsAllOfThemAtOnce()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => Run.Ml.Transforms.Derm7ptMultiTask(new Derm7ptMultiTaskEstimator.Options
        {
            Network = new NetworkOptions { Dropout = 1, FiltersPerBlock = [2, 0] },
            Training = new TrainingOptions
            {
                BatchSize = 0,
                FocusingParameter = 0.5,
                LearningRate = double.NaN,
                Augmentation = new AugmentationOptions { RotationDegrees = -1 },
            },
            Data = new DataOptions { ImageCacheBytes = -1 },
            Runtime = new RuntimeOptions { Device = (ComputeDevice)9 },
        }));

        foreach (string expected in new[]
        {
            "Training.BatchSize must be positive, got 0.", "Network.Dropout must be in [0, 1), got 1.",
            "Training.FocusingParameter must be 0 or at least 1, got 0.5.", "Training.LearningRate must be positive, got NaN.",
            "Network.FiltersPerBlock must hold 1 to 16 positive numbers, got [2, 0].",
            "Training.Augmentation.RotationDegrees must be in [0, 180], got -1.", "Data.ImageCacheBytes must be 0 or more, got -1.",
            "Runtime.Device must be Auto, Cpu, Cuda or Mps, got 9.",
        })
        {
            StringAssert.Contains(e.Message, expected);
        }
    }

    /// <summary>Gets the shape of a view's schema from an estimator, since ML.NET does not make its creation public.</summary>
    private static SchemaShape ShapeOf(IDataView data)
    {
        SchemaShape? seen = null;
        new EstimatorChain<ITransformer>().Append(new SpyEstimator(shape => seen = shape)).Fit(data);
        return seen!;
    }

    private sealed class Callback<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }
}
