using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Tests.Child;

/// <summary>The trainers of Microsoft.ML.TorchSharp in the process in which this library has trained, each as far as it comes without a download.</summary>
internal static class OtherTrainers
{
    /// <summary>Writes a line for each trainer.</summary>
    public static void TryAll(MLContext mlContext)
    {
        IDataView texts = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => new TextRow { Label = i % 2 == 0 ? "a" : "b" }));
        IDataView images = mlContext.Data.LoadFromEnumerable(new[] { new ImageRow { Image = MLImage.CreateFromPixels(8, 8, MLPixelFormat.Bgra32, new byte[256]) } });
        var trainers = mlContext.MulticlassClassification.Trainers;

        Try("text classification", () => Keys(nameof(TextRow.Label)).Append(trainers.TextClassification("Keys")).Fit(texts));
        Try("sentence similarity", () => mlContext.Regression.Trainers.SentenceSimilarity("Score", sentence2ColumnName: "Sentence1").Fit(texts));
        Try("named entity recognition", () => Keys(nameof(TextRow.Labels)).Append(trainers.NamedEntityRecognition("Keys")).Fit(texts));
        Try("question answering", () => trainers.QuestionAnswer(
            nameof(TextRow.Sentence1), nameof(TextRow.Sentence1), trainingAnswerColumnName: nameof(TextRow.Label), answerIndexColumnName: nameof(TextRow.Index)).Fit(texts));
        Try("object detection", () => Keys(nameof(ImageRow.Labels)).Append(trainers.ObjectDetection("Keys", boundingBoxColumnName: nameof(ImageRow.Boxes))).Fit(images));

        IEstimator<ITransformer> Keys(string column) => mlContext.Transforms.Conversion.MapValueToKey("Keys", column);
    }

    private static void Try(string name, Action fit)
    {
        try
        {
            fit();
            Console.WriteLine($"{name}: trained");
        }
        catch (InvalidOperationException e) when (e.Message.Contains("could not be downloaded", StringComparison.Ordinal))
        {
            Console.WriteLine($"{name}: wants its weights");
        }
    }

    private sealed class TextRow
    {
        public string Sentence1 { get; set; } = "a word";

        public string Label { get; set; } = "";

        public string[] Labels { get; set; } = ["a", "b"];

        public float Score { get; set; }

        public int Index { get; set; }
    }

    private sealed class ImageRow
    {
        [ImageType(8, 8)]
        public MLImage? Image { get; set; }

        public string[] Labels { get; set; } = ["a"];

        [VectorType]
        public float[] Boxes { get; set; } = [1, 1, 5, 5];
    }
}
