using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>The speed of libtorch's single-precision matrix product on the processor.</summary>
internal static class Sgemm
{
    /// <summary>GFLOP/s of products of two square matrices, each round after a first one that is dropped.</summary>
    public static IEnumerable<double> Rounds(int extent, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = rand(extent, extent), b = rand(extent, extent);
        double gigaflop = 2e-9 * extent * extent * extent;
        Multiply();
        var values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = gigaflop / Multiply();
        return values;

        double Multiply() => Clock.Seconds(() => a.mm(b).Dispose());
    }
}
