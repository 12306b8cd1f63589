using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>An implementation of a training step. Its parts are separate, so that each can be timed and compared.</summary>
internal abstract class TrainingStep : IDisposable
{
    /// <summary>The mini-batch from the image cache, augmented.</summary>
    /// <param name="round">The round. All implementations draw the same maps for the same round.</param>
    /// <returns>[N, 3, H, W] in [0, 1].</returns>
    public abstract Tensor Batch(int round);

    /// <summary>The logits of each task, as training computes them.</summary>
    public abstract IReadOnlyList<Tensor> Forward(Tensor pixels);

    /// <summary>The focal loss, summed over the tasks.</summary>
    public abstract Tensor Loss(IReadOnlyList<Tensor> logits);

    /// <summary>Runs the backward pass and updates the weights.</summary>
    public abstract void Update(Tensor loss);

    /// <summary>Takes a step from pixels.</summary>
    /// <returns>The loss; reading it waits for the device.</returns>
    public double Run(Tensor pixels) => Take(() => pixels);

    /// <summary>Takes a step from the image cache.</summary>
    public double Run(int round) => Take(() => Batch(round));

    /// <summary>Begins the scope of a whole step, which ends when the result is disposed.</summary>
    public virtual IDisposable Begin() => NewDisposeScope();

    public abstract void Dispose();

    private double Take(Func<Tensor> batch)
    {
        using IDisposable scope = Begin();
        Tensor loss = Loss(Forward(batch()));
        Update(loss);
        return loss.ToDouble();
    }
}
