using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Scoring;

/// <summary>Tests the README's example of an engine that is disposed before its model.</summary>
[TestClass]
public sealed class PredictionEngineTests
{
    [TestMethod]
    public void Dispose_OwnsTransformerIsFalse_ModelStillScores()
    {
        TinyRun run = TinyRun.Shared;
        string path = run.Release.Test.GetColumn<string>("ImagePath").First();
        string file = Path.GetTempFileName();
        run.Ml.Model.Save(run.Model, run.Release.Train.Schema, file);
        // A separate model is used, so that other tests keep the shared one if the option fails.
        ITransformer model = run.Images.Append(run.Ml.Model.LoadDerm7ptMultiTask(file));
        File.Delete(file);
        var options = new PredictionEngineOptions { OwnsTransformer = false };

        Prediction first, second;
        using (PredictionEngine<Case, Prediction> engine = run.Ml.Model.CreatePredictionEngine<Case, Prediction>(model, options))
            first = engine.Predict(new Case { ImagePath = path });
        using (PredictionEngine<Case, Prediction> engine = run.Ml.Model.CreatePredictionEngine<Case, Prediction>(model, options))
            second = engine.Predict(new Case { ImagePath = path });

        CollectionAssert.AreEqual(first.DiagnosisScore, second.DiagnosisScore);
        (model as IDisposable)?.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            using PredictionEngine<Case, Prediction> engine = run.Ml.Model.CreatePredictionEngine<Case, Prediction>(model, options);
            return engine.Predict(new Case { ImagePath = path });
        });
    }

    private sealed class Case
    {
        public string ImagePath { get; set; } = "";
    }

    private sealed class Prediction
    {
        public float[] DiagnosisScore { get; set; } = [];
    }
}
