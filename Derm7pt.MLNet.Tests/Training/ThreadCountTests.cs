using TorchSharp;

namespace Derm7pt.MLNet.Tests.Training;

/// <summary>Tests that the number of threads does not change a bit of the result of training.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ThreadCountTests
{
    private const int Extent = 64;

    private readonly int _threads = torch.get_num_threads();

    [TestCleanup]
    public void Restore() => torch.set_num_threads(_threads);

    [TestMethod]
    public void Fit_AnyNumberOfThreads_GivesTheSameBits()
    {
        using Derm7ptMultiTaskTransformer expected = Fit(threads: 1);
        foreach (int threads in new[] { 2, 3, 4 })
        {
            using Derm7ptMultiTaskTransformer actual = Fit(threads);
            TinyCases.AreSameWeights(expected, actual);
            Assert.AreEqual(TinyCases.Measured(expected.History), TinyCases.Measured(actual.History));
        }
    }

    [TestMethod]
    public void Fit_CheckpointOfAnotherNumberOfThreads_GivesTheSameBits()
    {
        using var folder = new TemporaryFolder();
        using Derm7ptMultiTaskTransformer expected = Fit(threads: 2);

        Fit(threads: 2, epochs: 2, folder.File("run.ckpt")).Dispose();
        using Derm7ptMultiTaskTransformer resumed = Fit(threads: 1, checkpoint: folder.File("run.ckpt"));

        TinyCases.AreSameWeights(expected, resumed);
    }

    [TestMethod]
    public void Fit_Done_LeavesTheNumberOfThreadsAsItWas()
    {
        torch.set_num_threads(3);
        Fit(threads: 3).Dispose();
        Assert.AreEqual(3, torch.get_num_threads());
    }

    private static Derm7ptMultiTaskTransformer Fit(int threads, int epochs = 4, string? checkpoint = null)
    {
        torch.set_num_threads(threads);
        return TinyCases.Fit(
            TinyCases.Options(epochs).With(
                network => new NetworkOptions(network) { FiltersPerBlock = [2, 4, 6] },
                data: data => new DataOptions(data) { ValidationSet = TinyCases.View(count: 15, seed: 2, extent: Extent) },
                runtime: runtime => new RuntimeOptions(runtime) { CheckpointPath = checkpoint }),
            TinyCases.View(extent: Extent));
    }
}
