using System.Collections.Immutable;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>
/// Computes Grad-CAM maps (Selvaraju et al., ICCV 2017), which show the positions of features that increase a label's logit.
/// </summary>
/// <remarks>
/// For a block's features A and a label's logit y, the map is ReLU(Σ_k w_k · A_k) with w_k the spatial mean of ∂y/∂A_k,
/// over the channels of all tasks, because a task can use the features of every other task. The map is enlarged bilinearly.
/// The map of an ensemble is the mean of the maps of its members, each scaled to a maximum of 1. The image is explained as it is, even if
/// scoring averages over views of it. This class requires libtorch. An instance has its own copies of the networks and can be used by one
/// thread at a time.
/// </remarks>
public sealed class GradCam : IDisposable
{
    // Smaller maps are too coarse to locate features.
    private const int SharpExtent = 12;

    private readonly ImmutableArray<TorchNetwork> _networks;
    private readonly NetworkSpec _spec;
    private readonly Taxonomy _taxonomy;
    private readonly int _height;
    private readonly int _width;

    internal GradCam(MultiTaskModel model)
    {
        TorchLibrary.Require();
        (_taxonomy, _height, _width) = (model.Taxonomy, model.ImageHeight, model.ImageWidth);
        _spec = model.Network;
        _networks = [.. model.Members.Select(_ => new TorchNetwork(model.Network, seed: 0))];
        for (int i = 0; i < _networks.Length; i++)
            _networks[i].Restore(model.Members[i].State);
    }

    /// <summary>Computes the map of a label.</summary>
    /// <param name="pixels">The image, [3, height, width] of the model, RGB in [0, 1].</param>
    /// <param name="task">The task's name, for example <c>Streaks</c>.</param>
    /// <param name="label">The zero-based label; the predicted one if null.</param>
    /// <param name="block">
    /// The zero-based block whose features are used. Later blocks have more specific features and coarser maps: for 256 pixels
    /// the extents of the four blocks of the paper are 63, 30, 14 and 6.
    /// </param>
    /// <param name="stage">The zero-based stage of the encoder whose features are used instead of those of a block.</param>
    /// <remarks>
    /// If both <paramref name="block"/> and <paramref name="stage"/> are null, the last block with an extent of at least 12 is used. If no
    /// block has one, because the features of the encoder are smaller, the last stage of the encoder with such an extent is used.
    /// <see cref="SaliencyMap.Source"/> names what was used.
    /// </remarks>
    /// <exception cref="ArgumentException">The image has another size, or the task, label, block or stage does not exist.</exception>
    public SaliencyMap Explain(ReadOnlySpan<float> pixels, string task, int? label = null, int? block = null, int? stage = null)
    {
        int taskIndex = _taxonomy.IndexOf(task);
        if (block is not null && stage is not null)
            throw new ArgumentException("Features of a block or of a stage can be looked at, not both.", nameof(stage));
        if (block is < 0 || block >= _spec.BlockCount)
            throw new ArgumentOutOfRangeException(nameof(block), block, Invariant($"The network has {_spec.BlockCount} blocks."));
        int stageCount = _spec.Encoder.Stages().Count;
        if (stage is < 0 || stage >= stageCount)
            throw new ArgumentOutOfRangeException(nameof(stage), stage, Invariant($"The encoder has {stageCount} stages."));

        if (pixels.Length != PixelColumn.Channels * _height * _width)
        {
            throw new ArgumentException(
                Invariant($"Expected an image of {PixelColumn.Channels}·{_height}·{_width} values, got {pixels.Length}."), nameof(pixels));
        }

        FeatureLayer layer = (block, stage) switch
        {
            ({ } index, _) => FeatureLayer.OfBlock(_spec, index),
            (_, { } index) => FeatureLayer.OfStage(_spec, index),
            _ => FeatureLayer.Sharp(_spec, _height, _width, SharpExtent),
        };
        int labels = _taxonomy.Tasks[taskIndex].Labels.Count;
        if (label < 0 || label >= labels)
            throw new ArgumentOutOfRangeException(nameof(label), label, Invariant($"Task '{task}' has the labels 0 to {labels - 1}."));

        using DisposeScope scope = NewDisposeScope();
        Tensor image = tensor(pixels.ToArray(), [1, PixelColumn.Channels, _height, _width]);
        int labelIndex = label ?? PredictedLabel(image, taskIndex);
        var values = new float[_height * _width];
        foreach (TorchNetwork network in _networks)
        {
            using DisposeScope member = NewDisposeScope();
            float[] map = Map(network, image, taskIndex, labelIndex, layer);
            // The scale of a map depends on the member's weights, so that without a common scale one member could dominate the mean.
            float largest = map.Max();
            for (int i = 0; largest > 0 && i < values.Length; i++)
                values[i] += map[i] / largest;
        }

        return new SaliencyMap(_height, _width, values, _taxonomy.Tasks[taskIndex], labelIndex)
        {
            Source = layer.ToString(),
        };
    }

    /// <summary>Gets the label that the model predicts: the one with the highest mean probability over members and views.</summary>
    private int PredictedLabel(Tensor image, int task)
    {
        using var _ = no_grad();
        Tensor pixels = _networks[0].Prepare(image);
        if (_spec.TestTimeAugmentation)
            pixels = _spec.Views(_height, _width).Forward(pixels);
        Tensor[] probabilities = [.. _networks.Select(network => F.softmax(network.Forward(pixels).Logits[task], 1))];
        return (int)cat(probabilities, 0).mean([0]).argmax(0).item<long>();
    }

    private float[] Map(TorchNetwork network, Tensor image, int task, int label, FeatureLayer layer)
    {
        List<Tensor>? stages = layer.IsStage ? [] : null;
        NetworkOutput output = network.Forward(network.Prepare(image), stages);
        Tensor features = stages is null ? output.Features[layer.Index] : stages[layer.Index];
        Tensor gradient = autograd.grad([output.Logits[task][0, label]], [features])[0];
        Tensor map = (gradient.mean([2, 3], keepdim: true) * features).sum(1, keepdim: true).relu();
        // The part of the image that the network does not read does not affect the prediction.
        ImageWindow window = _spec.InputWindow(_height, _width);
        Tensor enlarged = F.interpolate(map, size: [window.Height, window.Width], mode: InterpolationMode.Bilinear, align_corners: false);
        Tensor whole = zeros(1, 1, _height, _width);
        whole.narrow(2, window.Top, window.Height).narrow(3, window.Left, window.Width).copy_(enlarged);
        return whole.ToNamedTensor("").Values;
    }

    /// <summary>Frees the networks.</summary>
    public void Dispose()
    {
        foreach (TorchNetwork network in _networks)
            network.Dispose();
    }
}
