using Derm7pt.MLNet.Networks;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>Represents the input of a network for mini-batches of cases: pixels, or features of its encoder that have been computed before.</summary>
internal interface IBatchInput : IDisposable
{
    /// <summary>Whether <see cref="Forward"/> runs the encoder.</summary>
    bool RunsEncoder { get; }

    /// <summary>Reads the cases of a mini-batch. The result depends on the cases, the seed and the position of the mini-batch only.</summary>
    /// <param name="cases">The zero-based cases.</param>
    /// <param name="epoch">The zero-based epoch, for random choices.</param>
    /// <param name="batch">The zero-based mini-batch.</param>
    /// <returns>[N, C, h, w] on the network's device.</returns>
    Tensor Read(int[] cases, int epoch = 0, int batch = 0);

    /// <summary>Computes the logits of every task.</summary>
    /// <param name="input">A result of <see cref="Read"/>, or a mixture of its cases.</param>
    NetworkOutput Forward(Tensor input);
}
