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

    [TestMethod]
    public void ConvertToOnnx_OfASavedModel_Prints()
    {
        TinyRun run = TinyRun.Shared;
        string file = Path.GetTempFileName();
        run.Ml.Model.Save(run.Model, run.Release.Test.Schema, file);
        ITransformer loaded = new MLContext().Model.Load(file, out _);
        using var stream = new MemoryStream();
        run.Ml.Log += (_, e) => Console.WriteLine(e.Message);
        try { run.Ml.Model.ConvertToOnnx(loaded, run.Release.Test, stream); Console.WriteLine("OK " + stream.Length); }
        catch (Exception e) { Console.WriteLine(e); }
        var m = Derm7pt.MLNet.Persistence.Onnx.ModelProto.Parser.ParseFrom(stream.ToArray());
        Console.WriteLine(m.Graph);
        Assert.Fail("look");
    }
}
