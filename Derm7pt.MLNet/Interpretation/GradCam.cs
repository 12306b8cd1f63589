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
    /// <param name="label">The zero-based label; the predicted one if null.</param>
    /// <param name="block">
    /// The zero-based block whose features are looked at. Later blocks mean more and see less sharply: of 256 pixels the four
    /// blocks leave 63, 30, 14 and 6. Where null, the last one that leaves at least 12 each way.
    /// </param>
    /// <param name="stage">
    /// The zero-based stage of the encoder whose features are looked at in place of those of a block; <see langword="null"/> for a block.
    /// </param>
    /// <exception cref="ArgumentException">The image has another size, or there is no such task, label, block or stage.</exception>
    public SaliencyMap Explain(ReadOnlySpan<float> pixels, string task, int? label = null, int? block = null, int? stage = null)
    {
        int taskIndex = _taxonomy.IndexOf(task);
        if (block is not null && stage is not null)
            throw new ArgumentException("Features of a block or of a stage can be looked at, not both.", nameof(stage));
        int index = stage ?? block ?? DefaultBlock();
        int count = stage is null ? _network.Spec.BlockCount : _network.Spec.Encoder.Stages().Count;
        if (index < 0 || index >= count)
        {
            throw new ArgumentOutOfRangeException(
                stage is null ? nameof(block) : nameof(stage), index,
                stage is null ? Invariant($"The network has {count} blocks.") : Invariant($"The encoder has {count} stages."));
        }

        if (pixels.Length != PixelColumn.Channels * _height * _width)
        {
            throw new ArgumentException(
                Invariant($"Expected an image of {PixelColumn.Channels}·{_height}·{_width} values, got {pixels.Length}."), nameof(pixels));
        }

        using DisposeScope scope = NewDisposeScope();
        List<Tensor>? stages = stage is null ? null : [];
        NetworkOutput output = _network.Forward(_network.Prepare(tensor(pixels.ToArray(), [1, PixelColumn.Channels, _height, _width])), stages);
        Tensor logits = output.Logits[taskIndex];
        int labelIndex = label ?? (int)logits.argmax(1).ToInt64();
        if (labelIndex < 0 || labelIndex >= _taxonomy.Tasks[taskIndex].Labels.Count)
            throw new ArgumentOutOfRangeException(nameof(label), label, Invariant($"Task '{task}' has the labels 0 to {_taxonomy.Tasks[taskIndex].Labels.Count - 1}."));

        Tensor features = stages is null ? output.Features[index] : stages[index];
        Tensor gradient = autograd.grad([logits[0, labelIndex]], [features])[0];
        Tensor map = (gradient.mean([2, 3], keepdim: true) * features).sum(1, keepdim: true).relu();
        // A border that the network cuts off has no part in the prediction.
        int border = _network.Spec.Input?.Border ?? 0;
        Tensor enlarged = F.interpolate(
            map, size: [_height - (2 * border), _width - (2 * border)], mode: InterpolationMode.Bilinear, align_corners: false);
        if (border > 0)
            enlarged = F.pad(enlarged, [border, border, border, border]);
        return new SaliencyMap(
            _height, _width, enlarged.ToNamedTensor("").Values, _taxonomy.Tasks[taskIndex], labelIndex);
    }

    private int DefaultBlock()
    {
        int[] extents = _network.Spec.Extents(Math.Min(_height, _width));
        return Math.Max(0, Array.FindLastIndex(extents, extent => extent >= SharpExtent));
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _network.Dispose();
}
