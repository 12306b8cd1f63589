using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Scoring;

[TestClass]
public sealed class OnnxConversionTests
{
    [TestMethod]
    [DataRow("stage")]
    [DataRow("pipeline")]
    [DataRow("pipeline with another stage at its end")]
    public void ConvertToOnnx_Stage_ThrowsAndNamesSaveAsOnnx(string what)
    {
        TinyRun run = TinyRun.Shared;
        ModelOperationsCatalog catalog = run.Ml.Model;
        IDataView test = run.Release.Test;
        using var stream = new MemoryStream();

        NotSupportedException failure = Assert.ThrowsExactly<NotSupportedException>(() =>
        {
            switch (what)
            {
                case "stage":
                    catalog.ConvertToOnnx(run.Model.LastTransformer, run.Images.Transform(test), stream);
                    break;
                case "pipeline with another stage at its end":
                    ITransformer copy = run.Ml.Transforms.CopyColumns("Probability", "MelanomaProbability").Fit(run.Scored);
                    catalog.ConvertToOnnx(run.Model.Append(copy), test, stream);
                    break;
                default:
                    catalog.ConvertToOnnx(run.Model, test, stream);
                    break;
            }
        });

        Assert.Contains("Derm7ptMultiTaskTransformer.SaveAsOnnx", failure.Message);
        Assert.AreEqual(0, stream.Length);
    }

    [TestMethod]
    public void Transform_AfterConverterWasLoaded_Scores()
    {
        _ = typeof(OnnxExportExtensions).Assembly;
        TinyRun run = TinyRun.Shared;

        Assert.HasCount(TinyRun.Scores(run.Scored).Length, TinyRun.Scores(run.Model.Transform(run.Release.Test)));
    }

    // ML.NET's own stages in the saved chain throw as well, with a message of ML.NET.
    [TestMethod]
    public void ConvertToOnnx_SavedModel_ThrowsToo()
    {
        TinyRun run = TinyRun.Shared;
        using var file = new MemoryStream();
        run.Ml.Model.Save(run.Model, run.Release.Test.Schema, file);
        ITransformer loaded = run.Ml.Model.Load(file, out _);

        Assert.ThrowsExactly<InvalidOperationException>(() => run.Ml.Model.ConvertToOnnx(loaded, run.Release.Test, Stream.Null));

        (loaded as IDisposable)?.Dispose();
    }
}
