using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>
/// Grad-CAM (Selvaraju et al., ICCV 2017): where the features lie that raise a label's logit.
/// </summary>
/// <remarks>
/// For a block's features A and a label's logit y, the map is ReLU(Σ_k w_k · A_k) with w_k the spatial mean of ∂y/∂A_k,
/// over the channels of all tasks, since a task may use every other task's features; enlarged bilinearly. Needs libtorch. An
/// instance holds a network of its own and may be used by one thread at a time.
/// </remarks>
public sealed class GradCam : IDisposable
{
    // Below that a map is a few blots.
    private const int SharpExtent = 12;

    private readonly TorchNetwork _network;
    private readonly Taxonomy _taxonomy;
    private readonly int _height;
    private readonly int _width;

    internal GradCam(MultiTaskModel model)
        : this(model, model.State)
    {
    }

    /// <param name="model">The model that says what is explained.</param>
    /// <param name="state">The weights to explain; those of the model, or others to see what they change.</param>
    internal GradCam(MultiTaskModel model, IReadOnlyList<NamedTensor> state)
    {
        TorchLibrary.Require();
        (_taxonomy, _height, _width) = (model.Taxonomy, model.ImageHeight, model.ImageWidth);
        _network = new TorchNetwork(model.Network, seed: 0);
        _network.Restore(state);
    }

    /// <summary>Draws the map of a label.</summary>
    /// <param name="pixels">The image, [3, height, width] of the model, RGB in [0, 1].</param>
    /// <param name="task">The task's name, for example <c>Streaks</c>.</param>
    /// <param name="label">The zero-based label; the predicted one where null.</param>
    /// <param name="block">
    /// The zero-based block whose features are looked at. Later blocks mean more and see less sharply: of 256 pixels the four
    /// blocks of the paper leave 63, 30, 14 and 6.
    /// </param>
    /// <param name="stage">The zero-based stage of the encoder whose features are looked at in place of those of a block.</param>
    /// <remarks>
    /// Where neither a block nor a stage is given, it is the last block that leaves at least 12 positions each way; where no block does, as
    /// the encoder has left fewer, the last stage of the encoder that does. <see cref="SaliencyMap.Source"/> names it.
    /// </remarks>
    /// <exception cref="ArgumentException">The image has another size, or there is no such task, label, block or stage.</exception>
    public SaliencyMap Explain(ReadOnlySpan<float> pixels, string task, int? label = null, int? block = null, int? stage = null)
    {
        int taskIndex = _taxonomy.IndexOf(task);
        if (block is not null && stage is not null)
            throw new ArgumentException("Features of a block or of a stage can be looked at, not both.", nameof(stage));
        if (block is < 0 || block >= _network.Spec.BlockCount)
            throw new ArgumentOutOfRangeException(nameof(block), block, Invariant($"The network has {_network.Spec.BlockCount} blocks."));
        int stageCount = _network.Spec.Encoder.Stages().Count;
        if (stage is < 0 || stage >= stageCount)
            throw new ArgumentOutOfRangeException(nameof(stage), stage, Invariant($"The encoder has {stageCount} stages."));

        if (pixels.Length != PixelColumn.Channels * _height * _width)
        {
            throw new ArgumentException(
                Invariant($"Expected an image of {PixelColumn.Channels}·{_height}·{_width} values, got {pixels.Length}."), nameof(pixels));
        }

        FeatureLayer layer = (block, stage) switch
        {
            ({ } index, _) => FeatureLayer.OfBlock(_network.Spec, index),
            (_, { } index) => FeatureLayer.OfStage(_network.Spec, index),
            _ => FeatureLayer.Sharp(_network.Spec, _height, _width, SharpExtent),
        };
        using DisposeScope scope = NewDisposeScope();
        List<Tensor>? stages = layer.IsStage ? [] : null;
        NetworkOutput output = _network.Forward(_network.Prepare(tensor(pixels.ToArray(), [1, PixelColumn.Channels, _height, _width])), stages);
        Tensor logits = output.Logits[taskIndex];
        int labelIndex = label ?? (int)logits.argmax(1).ToInt64();
        if (labelIndex < 0 || labelIndex >= _taxonomy.Tasks[taskIndex].Labels.Count)
            throw new ArgumentOutOfRangeException(nameof(label), label, Invariant($"Task '{task}' has the labels 0 to {_taxonomy.Tasks[taskIndex].Labels.Count - 1}."));

        Tensor features = stages is null ? output.Features[layer.Index] : stages[layer.Index];
        Tensor gradient = autograd.grad([logits[0, labelIndex]], [features])[0];
        Tensor map = (gradient.mean([2, 3], keepdim: true) * features).sum(1, keepdim: true).relu();
        // What the network does not read of an image has no part in the prediction.
        ImageWindow window = _network.Spec.Input?.Window(_height, _width) ?? ImageWindow.Whole(_height, _width);
        Tensor enlarged = F.interpolate(map, size: [window.Height, window.Width], mode: InterpolationMode.Bilinear, align_corners: false);
        Tensor whole = zeros(1, 1, _height, _width);
        whole.narrow(2, window.Top, window.Height).narrow(3, window.Left, window.Width).copy_(enlarged);
        return new SaliencyMap(_height, _width, whole.ToNamedTensor("").Values, _taxonomy.Tasks[taskIndex], labelIndex)
        {
            Source = layer.ToString(),
        };
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _network.Dispose();
}
