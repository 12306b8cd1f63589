using Derm7pt.MLNet.Networks;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>What a network reads of the cases of mini-batches: their pixels, or features of its encoder that were computed before.</summary>
internal interface IBatchInput : IDisposable
{
    /// <summary>Reads the cases of a mini-batch, a function of the cases, of the seed and of the mini-batch's position.</summary>
    /// <param name="cases">The zero-based cases.</param>
    /// <param name="epoch">The zero-based epoch, for what is drawn at random.</param>
    /// <param name="batch">The zero-based mini-batch.</param>
    /// <returns>[N, C, h, w] on the network's device.</returns>
    Tensor Read(int[] cases, int epoch = 0, int batch = 0);

    /// <summary>Computes the logits of every task.</summary>
    /// <param name="input">What <see cref="Read"/> gives, or a mixture of it.</param>
    NetworkOutput Forward(Tensor input);
}
