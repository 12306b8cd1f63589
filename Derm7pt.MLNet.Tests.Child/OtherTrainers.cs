using Microsoft.ML;
using Microsoft.ML.TorchSharp;

namespace Derm7pt.MLNet.Tests.Child;

/// <summary>The trainer of text classification of Microsoft.ML.TorchSharp in the process in which this library has trained, as far as it comes without a download.</summary>
/// <remarks>MICROSOFTML_RESOURCE_URL must have a host that ML.NET downloads nothing from.</remarks>
internal static class OtherTrainers
{
    /// <summary>Writes a line on how far it comes.</summary>
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
