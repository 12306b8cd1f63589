using System.IO.Compression;
using System.Text;
using Derm7pt.MLNet.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Models;

[TestClass]
public sealed class SavedPipelineTests
{
    private const int Cases = 5;

    [TestMethod]
    [DataRow(false, false, "Image")]
    [DataRow(false, true, "Image")]
    [DataRow(false, false, "Pixels")]
    [DataRow(false, true, "Pixels")]
    [DataRow(false, false, "Score")]
    [DataRow(true, true, "Picture")]
    [DataRow(true, false, "Picture")]
    public void Load_SavedChain_GivesWhatOnnxRuntimeGives(bool binary, bool asImages, string inputColumn)
    {
        var fixture = new Fixture(binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt);
        IDataView input = fixture.Data.View(fixture.Ml, asImages, inputColumn);
        var expected = OnnxRun.Run(fixture.Onnx, fixture.Model, fixture.Data.Pixels);

        IDataView scored = fixture.SaveAndLoad(input, inputColumn).Transform(input);

        Assert.AreEqual(input.Schema[inputColumn].Type, scored.Schema[inputColumn].Type);
        foreach (ClassificationTask task in fixture.Taxonomy.Tasks)
        {
            float[][] scores = [.. scored.GetColumn<float[]>($"{task.Name}Score")];
            uint[] labels = [.. scored.GetColumn<uint>($"{task.Name}PredictedLabel")];
            string[] texts = [.. scored.GetColumn<string>($"{task.Name}PredictedLabelText")];
            for (int row = 0; row < Cases; row++)
            {
                for (int label = 0; label < task.Labels.Count; label++)
                    Assert.AreEqual(expected[$"{task.Name}Score"].Values[row * task.Labels.Count + label], scores[row][label], 1e-6);
                int best = (int)expected[$"{task.Name}PredictedLabel"].Values[row];
                Assert.AreEqual((uint)best + 1, labels[row]);
                Assert.AreEqual(task.Labels[best].Name, texts[row]);
            }
        }

        CollectionAssert.AreEqual(
            expected["SevenPointScore"].Values, scored.GetColumn<float>("SevenPointScore").Select(score => (double)score).ToArray());
        float[] melanoma = [.. scored.GetColumn<float>("MelanomaProbability")];
        for (int row = 0; row < Cases; row++)
            Assert.AreEqual(expected["MelanomaProbability"].Values[row], melanoma[row], 1e-6);
        float[] gates = [.. OnnxRun.Run(fixture.Onnx, fixture.Model, fixture.Data.Pixels)["GateAlphas"].Values.Take(8 * 8 * (2 + 3)).Select(value => (float)value)];
        foreach (float[] row in scored.GetColumn<float[]>("GateAlphas"))
            CollectionAssert.AreEqual(gates, row);
        CollectionAssert.AreEqual(
            Enumerable.Range(0, Cases).Select(i => $"case {i}").ToArray(), scored.GetColumn<string>("Case").ToArray());
    }

    [TestMethod]
    public void Load_SavedChain_ScoresThroughAPredictionEngine()
    {
        var fixture = new Fixture(Taxonomy.Derm7pt);
        IDataView input = fixture.Data.View(fixture.Ml, asImages: false, "Picture");
        ITransformer loaded = fixture.SaveAndLoad(input, "Picture");
        string[] expected = [.. loaded.Transform(input).GetColumn<string>("DiagnosisPredictedLabelText")];
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Case));
        schema[nameof(Case.Picture)].ColumnType = input.Schema["Picture"].Type;

        using PredictionEngine<Case, Prediction> engine =
            fixture.Ml.Model.CreatePredictionEngine<Case, Prediction>(loaded, inputSchemaDefinition: schema);

        for (int i = 0; i < Cases; i++)
        {
            Prediction prediction = engine.Predict(new Case { Picture = fixture.Data.Pixels[i] });
            Assert.AreEqual(expected[i], prediction.DiagnosisPredictedLabelText);
            Assert.AreEqual(1, prediction.DiagnosisScore.Sum(), 1e-5);
            Assert.AreEqual(prediction.DiagnosisScore[2], prediction.MelanomaProbability, 1e-6);
        }
    }

    [TestMethod]
    public void Load_SavedChain_IsEvaluatedAsAMulticlassClassifier()
    {
        var fixture = new Fixture(Taxonomy.Derm7pt);
        MLContext ml = fixture.Ml;
        IDataView input = fixture.Data.View(ml, asImages: false, "Picture");
        IDataView scored = fixture.SaveAndLoad(input, "Picture").Transform(input);

        // The predictions are used as labels, so that every metric is known.
        scored = ml.Transforms.CopyColumns("Truth", "PigmentNetworkPredictedLabel").Fit(scored).Transform(scored);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(
            scored, "Truth", "PigmentNetworkScore", "PigmentNetworkPredictedLabel");

        Assert.AreEqual(1, metrics.MicroAccuracy);
        Assert.AreEqual(3, metrics.ConfusionMatrix.NumberOfClasses);
        double logLoss = scored.GetColumn<float[]>("PigmentNetworkScore").Average(score => -Math.Log(score.Max()));
        Assert.AreEqual(logLoss, metrics.LogLoss, 1e-6);
    }

    [TestMethod]
    public void Load_InputWithNamesOfMLNetsStages_KeepsThemInPlaceAndUnchanged()
    {
        var fixture = new Fixture(Taxonomy.Derm7pt);
        MLContext ml = fixture.Ml;
        IDataView input = fixture.Data.View(ml, asImages: true, "Picture");
        foreach (string name in new[] { "Score", "PredictedLabel", "Probability", "Pixels" })
            input = ml.Transforms.CopyColumns(name, "Case").Fit(input).Transform(input);

        IDataView scored = fixture.SaveAndLoad(input, "Picture").Transform(input);

        string[] visible = [.. scored.Schema.Where(column => !column.IsHidden).Select(column => column.Name)];
        CollectionAssert.AreEqual(input.Schema.Select(column => column.Name).ToArray(), visible[..input.Schema.Count]);
        Assert.AreEqual("DiagnosisScore", visible[input.Schema.Count]);
        foreach (string name in new[] { "Score", "PredictedLabel", "Probability", "Pixels" })
            CollectionAssert.AreEqual(input.GetColumn<string>("Case").ToArray(), scored.GetColumn<string>(name).ToArray());
        var expected = OnnxRun.Run(fixture.Onnx, fixture.Model, fixture.Data.Pixels);
        CollectionAssert.AreEqual(
            expected["SevenPointScore"].Values, scored.GetColumn<float>("SevenPointScore").Select(score => (double)score).ToArray());
    }

    [TestMethod]
    public void Load_InputWithNamesOfOutputs_ShowsTheOutputs()
    {
        var fixture = new Fixture(Taxonomy.Derm7pt);
        MLContext ml = fixture.Ml;
        IDataView input = fixture.Data.View(ml, asImages: false, "Picture");
        foreach (string name in new[] { "DiagnosisScore", "StreaksPredictedLabel", "GateAlphas", "SevenPointScore" })
            input = ml.Transforms.CopyColumns(name, "Case").Fit(input).Transform(input);

        IDataView scored = fixture.SaveAndLoad(input, "Picture").Transform(input);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 5), scored.Schema["DiagnosisScore"].Type);
        Assert.IsInstanceOfType<KeyDataViewType>(scored.Schema["StreaksPredictedLabel"].Type);
        Assert.AreEqual(NumberDataViewType.Single, scored.Schema["SevenPointScore"].Type);
        Assert.HasCount(Cases, scored.GetColumn<float[]>("GateAlphas").ToArray());
    }

    [TestMethod]
    public void Save_OnBehalfOfAnotherTransformer_LoadsInItsPlaceAmongOthers()
    {
        var fixture = new Fixture(Taxonomy.Derm7pt);
        MLContext ml = fixture.Ml;
        IDataView input = fixture.Data.View(ml, asImages: false, "Picture");
        ITransformer before = ml.Transforms.CopyColumns("Copy", "Picture").Fit(input);
        IDataView copied = before.Transform(input);
        var stage = new DelegatingTransformer(
            copied.Schema, context =>
            {
                using SavedPipeline pipeline = SavedPipeline.Build(copied.Schema, "Copy", fixture.Onnx, fixture.Model.Outputs);
                pipeline.Save(context);
            });
        var after = (ITransformer)new TransformerChain<ITransformer>();

        using var file = new MemoryStream();
        ml.Model.Save(new TransformerChain<ITransformer>(before, stage, after), input.Schema, file);
        ITransformer loaded = new MLContext().Model.Load(file, out _);

        Assert.HasCount(Cases, loaded.Transform(input).GetColumn<float>("MelanomaProbability").ToArray());
    }

    [TestMethod]
    public void Save_EmptyChain_LoadsAsIdentity()
    {
        var ml = new MLContext();
        var fixture = new Fixture(Taxonomy.Derm7pt);
        IDataView input = fixture.Data.View(ml, asImages: false, "Picture");
        var nested = new TransformerChain<ITransformer>(new TransformerChain<ITransformer>());
        foreach (ITransformer identity in new ITransformer[] { new TransformerChain<ITransformer>(), nested })
        {
            using var file = new MemoryStream();
            ml.Model.Save(identity, input.Schema, file);
            ITransformer loaded = new MLContext().Model.Load(file, out DataViewSchema schema);

            CollectionAssert.AreEqual(input.Schema.Select(c => c.Name).ToArray(), schema.Select(c => c.Name).ToArray());
            IDataView output = loaded.Transform(input);
            CollectionAssert.AreEqual(input.Schema.Select(c => (c.Name, c.Type)).ToArray(), output.Schema.Select(c => (c.Name, c.Type)).ToArray());
            Assert.HasCount(Cases, output.GetColumn<string>("Case").ToArray());
        }
    }

    [TestMethod]
    public void Save_Chain_NeedsNoAssemblyOfThisLibrary()
    {
        var fixture = new Fixture(Taxonomy.Derm7pt);
        IDataView input = fixture.Data.View(fixture.Ml, asImages: true, "Image");
        using var file = new MemoryStream(fixture.Save(input, "Image"));
        using var zip = new ZipArchive(file);

        // The network contains the name of its producer, but no code is loaded for it.
        foreach (ZipArchiveEntry entry in zip.Entries.Where(entry => Path.GetFileName(entry.FullName) != "OnnxModel"))
        {
            using Stream stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            foreach (Encoding encoding in new[] { Encoding.UTF8, Encoding.Unicode })
                Assert.AreEqual(-1, copy.ToArray().AsSpan().IndexOf(encoding.GetBytes("Derm7pt.MLNet")), entry.FullName);
        }
    }

    [TestMethod]
    public void Dispose_Chain_DeletesTheTemporaryFile()
    {
        var fixture = new Fixture(Taxonomy.Derm7pt);
        IDataView input = fixture.Data.View(fixture.Ml, asImages: false, "Picture");
        SavedPipeline pipeline = SavedPipeline.Build(input.Schema, "Picture", fixture.Onnx, fixture.Model.Outputs);
        Assert.IsTrue(File.Exists(pipeline.ModelFile));

        pipeline.Dispose();

        Assert.IsFalse(File.Exists(pipeline.ModelFile));
    }

    [TestMethod]
    public void Build_UnsuitableInputColumn_SaysWhatIsExpected()
    {
        var fixture = new Fixture(Taxonomy.Derm7pt);
        IDataView images = fixture.Data.View(fixture.Ml, asImages: true, "Picture");
        images = fixture.Ml.Transforms.ResizeImages("Smaller", imageWidth: 20, imageHeight: 21, "Picture").Fit(images).Transform(images);
        images = fixture.Ml.Transforms.ExtractPixels("FewerPixels", "Smaller").Fit(images).Transform(images);
        AssertRefused(images, "Smaller", "expected an image of 21x32 pixels");
        AssertRefused(images, "FewerPixels", "or a vector of 2016 Single, got Vector<Single, 3, 21, 20>");
        AssertRefused(images, "Case", "got String");
        AssertRefused(images, "Nowhere", "Could not find input column 'Nowhere'");

        void AssertRefused(IDataView input, string column, string expected)
        {
            ArgumentOutOfRangeException e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                SavedPipeline.Build(input.Schema, column, fixture.Onnx, fixture.Model.Outputs));
            StringAssert.Contains(e.Message, expected);
        }
    }

    private sealed class Case
    {
        public float[] Picture { get; set; } = [];
    }

    private sealed class Prediction
    {
        public float[] DiagnosisScore { get; set; } = [];

        public string DiagnosisPredictedLabelText { get; set; } = string.Empty;

        public float MelanomaProbability { get; set; }
    }

    /// <summary>Represents a transformer outside ML.NET that has no loader.</summary>
    private sealed class DelegatingTransformer(DataViewSchema schema, Action<ModelSaveContext> save) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => schema;

        public IDataView Transform(IDataView input) => input;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => save(ctx);
    }
}
