using Derm7pt.MLNet.Benchmarks.Baselines;
using Derm7pt.MLNet.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>Checks before timing that library and baseline compute the same, since a ratio of different computations would be meaningless.</summary>
internal static class Agreement
{
    /// <summary>Single precision, summed in another order.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>
    /// What a network may make of a photograph that was halved by the cosine transform, and not by taking means of four pixels:
    /// both are the photograph, and not the same.
    /// </summary>
    public const double ReducedScoreTolerance = 5e-3;

    /// <summary>By how much of the range such a photograph's pixels may differ on average: two steps of 255.</summary>
    public const double ReducedPixelTolerance = 2.0 / byte.MaxValue;

    // Where two pixels of a pooling window are nearly equal, rounding decides which is the largest, and so where the gradient goes.
    // With both in double precision, where that does not happen, their gradients agree to 1e-12.
    private const double GradientTolerance = 0.05;

    // A few cases are sufficient, and use little memory.
    private const int MostCases = 8;

    /// <summary>Checks logits, loss and all gradients of a training step, dropout left out.</summary>
    /// <returns>The largest difference of logits and loss.</returns>
    /// <exception cref="InvalidOperationException">They differ by more than rounding.</exception>
    public static double OfSteps(NetworkSpec shape, int count, int extent, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using var precision = new FullPrecision();
        // Masks are drawn from other generators, so they could not agree.
        shape = shape with { Heads = new ParallelHeads(Dropout: 0) };
        using var cases = new TrainingCases(shape, Math.Min(count, MostCases), extent, device);
        using var ours = new OurTrainingStep(shape, cases);
        using var literal = new LiteralTrainingStep(ours.Network, cases);
        // The baseline is timed in single precision, in which libtorch's convolutions are wrong at random on some processors.
        literal.Network.to(float64);

        IReadOnlyList<Tensor> ourLogits = ours.Forward(cases.Pixels), literalLogits = literal.Forward(cases.Pixels.to(float64));
        Tensor ourLoss = ours.Loss(ourLogits), literalLoss = literal.Loss(literalLogits);
        ourLoss.backward();
        literalLoss.backward();

        Dictionary<string, Tensor> gradients = ours.Network.Trained.ToDictionary(p => p.Name, p => p.Tensor.grad!);
        (Tensor Own, Tensor Theirs)[] pairs = [.. literal.Network.Match(name => gradients[name]).Select(match => (match.Own.grad!, match.Theirs))];
        double squares = pairs.Sum(pair => SumOfSquares(pair.Own));
        double squaredDifference = pairs.Sum(pair => SumOfSquares(pair.Own - pair.Theirs.reshape(pair.Own.shape)));
        Check([Math.Sqrt(squaredDifference / squares)], GradientTolerance);
        return Check([.. ourLogits.Zip(literalLogits, Largest), Largest(ourLoss, literalLoss)]);
    }

    /// <summary>Checks that mini-batches hold the same pixels.</summary>
    /// <exception cref="InvalidOperationException">They differ by more than rounding.</exception>
    public static double OfBatches(TrainingStep ours, TrainingStep baseline)
    {
        using DisposeScope scope = NewDisposeScope();
        return Check([Largest(ours.Batch(0), baseline.Batch(0))]);
    }

    /// <summary>Checks that scores are the same, row by row.</summary>
    /// <exception cref="InvalidOperationException">They differ by more than <paramref name="tolerance"/>.</exception>
    public static double OfScores(IReadOnlyList<float[]> ours, IReadOnlyList<float[]> baseline, double tolerance = Tolerance)
    {
        if (ours.Count != baseline.Count)
            throw new InvalidOperationException($"The library scores {ours.Count} rows, the baseline {baseline.Count}.");
        return Check(ours.Zip(baseline, (a, b) => (double)a.Zip(b, (x, y) => MathF.Abs(x - y)).Max()), tolerance);
    }

    /// <summary>Checks that images that were decoded at reduced size are near those that were decoded in full.</summary>
    /// <returns>The mean difference of the pixels, as a share of the range, in the image that differs most.</returns>
    /// <exception cref="InvalidOperationException">They differ by more than <see cref="ReducedPixelTolerance"/>.</exception>
    public static double OfReducedImages(IEnumerable<byte[]> ours, IReadOnlyList<byte[]> baseline) =>
        Check(ours.Zip(baseline, MeanDifference), ReducedPixelTolerance);

    private static double MeanDifference(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average() / byte.MaxValue;

    /// <summary>Convolutions with all 24 bits: cuDNN's 11, its default, are enough to train but not to compare.</summary>
    private readonly struct FullPrecision : IDisposable
    {
        private readonly bool _before = backends.cudnn.allow_tf32;

        public FullPrecision() => backends.cudnn.allow_tf32 = false;

        public void Dispose() => backends.cudnn.allow_tf32 = _before;
    }

    private static double Largest(Tensor a, Tensor b) => (a - b).abs().max().ToDouble();

    private static double SumOfSquares(Tensor x) => x.square().sum().ToDouble();

    private static double Check(IEnumerable<double> differences, double tolerance = Tolerance)
    {
        // The maximum ignores values that are not a number.
        double largest = differences.Aggregate(0.0, (a, b) => double.IsNaN(b) ? b : Math.Max(a, b));
        return largest <= tolerance
            ? largest
            : throw new InvalidOperationException($"The library and its baseline compute different things: they differ by {largest:G3}.");
    }
}
