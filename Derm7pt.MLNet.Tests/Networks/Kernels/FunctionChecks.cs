using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

/// <summary>Checks the requirements of every kernel that is a differentiable function of torch.</summary>
internal static class FunctionChecks
{
    public static Tensor Parameter(params long[] shape) => (rand(shape) - 0.5).requires_grad_();

    /// <summary>Checks that without gradients the values are the same, and that no memory is kept for a backward pass.</summary>
    public static void AssertSameWithoutGradients(Func<Tensor> compute)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor expected = compute();

        using var _ = no_grad();
        Tensor actual = compute();

        Assert.IsFalse(actual.requires_grad);
        Assert.IsTrue(expected.eq(actual).all().ToBoolean());
    }

    /// <summary>Checks that values and gradients have the same bits for every number of threads.</summary>
    public static void AssertSameForThreads(Tensor[] drawn, Func<Tensor[], Tensor> compute)
    {
        int threads = get_num_threads();
        try
        {
            Tensor[][] results = [.. new[] { 1, 2, 5 }.Select(count =>
            {
                set_num_threads(count);
                Tensor[] copies = [.. drawn.Select(t => t.detach().clone().requires_grad_())];
                Tensor output = compute(copies);
                output.square().sum().backward();
                return (Tensor[])[output, .. copies.Select(copy => copy.grad!)];
            })];

            foreach (Tensor[] other in results[1..])
            {
                for (int i = 0; i < other.Length; i++)
                    Assert.IsTrue(results[0][i].eq(other[i]).all().ToBoolean(), $"Result {i} depends on the number of threads.");
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    /// <summary>Checks that no tensor of a step exists after the end of its scope.</summary>
    public static void AssertLeavesNothing(Action step)
    {
        using (NewDisposeScope())
            step();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
        {
            using (NewDisposeScope())
                step();
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
