using Microsoft.ML;
using Microsoft.ML.TorchSharp;

namespace Derm7pt.MLNet.Tests.Child;

/// <summary>Runs the text classification trainer of Microsoft.ML.TorchSharp, up to its download, in a process in which this library has trained.</summary>
/// <remarks>MICROSOFTML_RESOURCE_URL must name a host from which ML.NET does not download.</remarks>
internal static class OtherTrainers
{
    /// <summary>Writes a line that shows how far the trainer runs.</summary>
    public static void TryAll(MLContext mlContext)
    {
        IDataView texts = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => new TextRow { Label = i % 2 == 0 ? "a" : "b" }));
        var trainers = mlContext.MulticlassClassification.Trainers;

        Try("text classification", () => Keys(nameof(TextRow.Label)).Append(trainers.TextClassification("Keys")).Fit(texts));

        IEstimator<ITransformer> Keys(string column) => mlContext.Transforms.Conversion.MapValueToKey("Keys", column);
    }

    private static void Try(string name, Action fit)
    {
        try
        {
            fit();
            Console.WriteLine($"{name}: trained");
        }
        catch (AggregateException e) when (
            e.InnerException is NotSupportedException inner && inner.Message.Contains("supports downloading", StringComparison.Ordinal))
        {
            Console.WriteLine($"{name}: wants its weights");
        }
    }

    private sealed class TextRow
    {
        public string Sentence1 { get; set; } = "a word";

        public string Label { get; set; } = "";
    }
}
