using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Network;

/// <summary>
/// Draws initial weights: Glorot-uniform kernels and zero biases (Glorot and Bengio, AISTATS 2010), in the order in
/// which the layers ask, from a generator of its own.
/// </summary>
internal sealed class WeightInitializer(int seed)
{
    private readonly Random _random = new(seed);

    /// <param name="shape">The kernel's shape.</param>
    /// <param name="fanIn">Inputs of one unit, in one branch.</param>
    /// <param name="fanOut">Outputs that one input reaches, in one branch.</param>
    public Parameter GlorotUniform(long[] shape, long fanIn, long fanOut)
    {
        float bound = MathF.Sqrt(6f / (fanIn + fanOut));
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = ((2 * _random.NextSingle()) - 1) * bound;
        return nn.Parameter(tensor(values, shape));
    }

    public static Parameter Zeros(long[] shape) => nn.Parameter(zeros(shape));
}
