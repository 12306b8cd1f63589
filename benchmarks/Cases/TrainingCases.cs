using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>A mini-batch: pixels as a tensor and as an image cache, labels and weights.</summary>
internal sealed class TrainingCases : IDisposable
{
    private readonly Lazy<LabelledImages> _images;

    public TrainingCases(NetworkSpec shape, int count, int extent, Device device)
    {
        (Count, Device) = (count, device);
        // Parts that are not requested are not created, so that they do not affect measurements of memory.
        _images = new Lazy<LabelledImages>(() => LabelledImages.Read(
            DrawnPixels.View(count, extent), ColumnNames.Pixels, Taxonomy.Derm7pt, DataRoles.Training, long.MaxValue, imageRead: null, CancellationToken.None));
        using var generator = new Generator(StepSettings.Seed);
        Pixels = rand([count, PixelColumn.Channels, extent, extent], generator: generator).to(device);
        Labels = [.. shape.LabelCounts.Select(labels => (rand([count], generator: generator) * labels).to(int64).to(device))];
        Weights = [.. shape.LabelCounts.Select(_ => (rand([count], generator: generator) + 0.5).to(device))];
    }

    public int Count { get; }

    public Device Device { get; }

    /// <summary>[N, 3, H, W] in [0, 1].</summary>
    public Tensor Pixels { get; }

    /// <summary>The same number of images as the training holds them.</summary>
    public LabelledImages Images => _images.Value;

    /// <summary>For each task the cases' labels.</summary>
    public IReadOnlyList<Tensor> Labels { get; }

    /// <summary>For each task the cases' weights.</summary>
    public IReadOnlyList<Tensor> Weights { get; }

    public void Dispose()
    {
        if (_images.IsValueCreated)
            _images.Value.Dispose();
        Pixels.Dispose();
        foreach (Tensor tensor in Labels.Concat(Weights))
            tensor.Dispose();
    }
}
