using Derm7pt.MLNet.Interpretation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Reporting.Examples;

/// <summary>Reads the cases to show and computes the saliency maps of their predictions.</summary>
internal static class ExampleReader
{
    /// <param name="model">The model.</param>
    /// <param name="predicted">The predictions of each case.</param>
    /// <param name="images">The same cases in the same order, with their images.</param>
    /// <param name="options">The options, with the columns and the number of cases.</param>
    public static IReadOnlyList<ExampleCase> Read(
        Derm7ptMultiTaskTransformer model, IDataView predicted, IDataView images, ReportOptions options)
    {
        IReadOnlyList<ScoredCase> cases = ReadPredictions(model.Taxonomy, predicted, options.CaseNameColumnName);
        int judged = Math.Max(0, model.Taxonomy.Tasks.ToList().FindIndex(task => task.Kind == TaskKind.Diagnosis));
        IReadOnlyList<int> chosen = ExampleChoice.Choose(
            [.. cases.Select(scored => scored.Predictions[judged].IsRight)], options.ExampleCount, options.Seed);

        using GradCam explainer = model.CreateGradCam();
        return
        [
            .. ImageColumn.Read(images, options.ImageColumnName, model.ImageHeight, model.ImageWidth, chosen)
                .Select(image => Explain(cases[image.Row], image.Pixels, model, explainer)),
        ];
    }

    private static ExampleCase Explain(ScoredCase scored, float[] pixels, Derm7ptMultiTaskTransformer model, GradCam explainer) => new(
        scored.Name,
        model.ImageHeight,
        model.ImageWidth,
        pixels,
        [
            .. scored.Predictions.Select(prediction => prediction.With(
                explainer.Explain(pixels, prediction.Task.Name, prediction.PredictedLabel).Overlay(pixels))),
        ]);

    private static List<ScoredCase> ReadPredictions(Taxonomy taxonomy, IDataView predicted, string nameColumn)
    {
        DataViewSchema schema = predicted.Schema;
        DataViewSchema.Column? name = schema.GetColumnOrNull(nameColumn) is { Type: TextDataViewType } text ? text : null;
        IEnumerable<DataViewSchema.Column> columns = taxonomy.Tasks.SelectMany(task =>
            new[] { schema[task.Name], schema[task.Name + "PredictedLabel"], schema[task.Name + "Score"] });
        using DataViewRowCursor cursor = predicted.GetRowCursor(name is { } named ? columns.Append(named) : columns);
        TaskReader[] readers = [.. taxonomy.Tasks.Select(task => new TaskReader(task, cursor))];
        ValueGetter<ReadOnlyMemory<char>>? getName = name is { } column ? cursor.GetGetter<ReadOnlyMemory<char>>(column) : null;

        var cases = new List<ScoredCase>();
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            getName?.Invoke(ref value);
            string shown = Path.GetFileName(value.ToString().Replace('\\', '/'));
            cases.Add(new ScoredCase(
                shown.Length > 0 ? shown : Invariant($"Case {cases.Count + 1}"), [.. readers.Select(reader => reader.Read())]));
        }

        return cases;
    }

    private sealed record ScoredCase(string Name, IReadOnlyList<ExamplePrediction> Predictions);

    private sealed class TaskReader(ClassificationTask task, DataViewRowCursor cursor)
    {
        private readonly ValueGetter<uint> _truth = cursor.GetGetter<uint>(cursor.Schema[task.Name]);
        private readonly ValueGetter<uint> _predicted = cursor.GetGetter<uint>(cursor.Schema[task.Name + "PredictedLabel"]);
        private readonly ValueGetter<VBuffer<float>> _scores = cursor.GetGetter<VBuffer<float>>(cursor.Schema[task.Name + "Score"]);
        private VBuffer<float> _buffer;

        public ExamplePrediction Read()
        {
            uint truth = 0, predicted = 0;
            _truth(ref truth);
            _predicted(ref predicted);
            _scores(ref _buffer);
            // Keys are one-based; 0 is an unknown label.
            int label = (int)predicted - 1;
            return new ExamplePrediction(task, label, _buffer.GetItemOrDefault(label), truth == 0 ? null : (int)truth - 1, overlay: default);
        }
    }
}
