using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Transforms.Onnx;

namespace Derm7pt.MLNet.Benchmarks.Baselines;

/// <summary>The exported model in ML.NET's own ONNX stage, which runs it once per row.</summary>
internal sealed class RowByRowScoring : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"derm7pt-benchmark-{Guid.NewGuid():N}.onnx");
    private readonly OnnxTransformer _transformer;

    /// <param name="ml">Makes the stage.</param>
    /// <param name="model">The model to export.</param>
    /// <param name="data">What it is fitted on.</param>
    public RowByRowScoring(MLContext ml, Derm7ptMultiTaskTransformer model, IDataView data)
    {
        model.SaveAsOnnx(_file);
        _transformer = ml.Transforms.ApplyOnnxModel([.. ScoringModel.Columns], [ColumnNames.Pixels], _file).Fit(data);
    }

    public IDataView Transform(IDataView data) => _transformer.Transform(data);

    public void Dispose()
    {
        _transformer.Dispose();
        File.Delete(_file);
    }
}
