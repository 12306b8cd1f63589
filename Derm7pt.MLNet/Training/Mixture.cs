using Derm7pt.MLNet.Networks.Kernels;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>How the images of a mini-batch are mixed in pairs: mixup (Zhang et al., ICLR 2018) for several tasks.</summary>
internal sealed class Mixture
{
    private readonly int[] _partners;
    private readonly float[] _shares;

    /// <param name="partners">For each case the zero-based case of the mini-batch that it is mixed with.</param>
    /// <param name="shares">For each case the share of its own image, in [0, 1].</param>
    public Mixture(int[] partners, float[] shares) => (_partners, _shares) = (partners, shares);

    /// <summary>Draws partners, each case being one once, and shares.</summary>
    /// <param name="count">The number of cases.</param>
    /// <param name="alpha">Both parameters of the beta distribution of the shares; positive.</param>
    /// <param name="random">Draws them.</param>
    public static Mixture Draw(int count, double alpha, Random random)
    {
        int[] partners = [.. Enumerable.Range(0, count)];
        random.Shuffle(partners);
        return new Mixture(partners, [.. partners.Select(_ => (float)Beta(alpha, random))]);
    }

    /// <summary>Mixes the images.</summary>
    /// <param name="images">[N, 3, H, W]</param>
    /// <returns>[N, 3, H, W]</returns>
    public Tensor Mix(Tensor images)
    {
        Tensor others = images.index_select(0, tensor(Array.ConvertAll(_partners, partner => (long)partner), device: images.device));
        Tensor shares = tensor(_shares, [_shares.Length, 1, 1, 1], device: images.device);
        return (images * shares).Plus(others * shares.OneMinus());
    }

    /// <summary>For each case the value that its partner has.</summary>
    public T[] OfPartners<T>(T[] values) => Array.ConvertAll(_partners, partner => values[partner]);

    /// <summary>The weights of the cases for the loss of their own labels.</summary>
    public float[] OwnParts(float[] weights) => [.. weights.Zip(_shares, (weight, share) => weight * share)];

    /// <summary>The weights of the cases for the loss of their partners' labels.</summary>
    /// <param name="weights">What each case would weigh by itself.</param>
    public float[] PartnerParts(float[] weights) => [.. OfPartners(weights).Zip(_shares, (weight, share) => weight * (1 - share))];

    // X / (X + Y) of two gamma variates, from their logarithms: for a small α both would be 0.
    private static double Beta(double alpha, Random random) => 1 / (1 + Math.Exp(-LogGamma(alpha, random) + LogGamma(alpha, random)));

    /// <summary>The logarithm of a gamma variate: that of α + 1 (Marsaglia and Tsang, ACM TOMS 2000) times U^(1/α).</summary>
    private static double LogGamma(double alpha, Random random)
    {
        double d = alpha + (2 / 3.0), c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            // Box and Muller; 1 − U is never 0.
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double root = 1 + (c * normal), logV = 3 * Math.Log(root), u = 1 - random.NextDouble();
            if (root > 0 && Math.Log(u) < (0.5 * normal * normal) + (d * (1 - Math.Exp(logV) + logV)))
                return Math.Log(d) + logV + (Math.Log(1 - random.NextDouble()) / alpha);
        }
    }
}
