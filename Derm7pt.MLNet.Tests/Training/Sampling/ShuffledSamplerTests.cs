using Derm7pt.MLNet.Training.Sampling;

namespace Derm7pt.MLNet.Tests.Training.Sampling;

[TestClass]
public sealed class ShuffledSamplerTests
{
    [TestMethod]
    public void Draw_OverEpochs_EveryCaseComesOnceBeforeAnyComesAgain()
    {
        const int Cases = 13, BatchSize = 4, BatchesPerEpoch = 3;
        var sampler = new ShuffledSampler(Cases, BatchSize, BatchesPerEpoch, seed: 2);
        int[] stream = [.. from epoch in Enumerable.Range(0, 13) from batch in Enumerable.Range(0, BatchesPerEpoch)
                           from c in sampler.Draw(epoch, batch) select c];

        foreach (int[] pass in stream.Chunk(Cases))
            CollectionAssert.AreEqual(Enumerable.Range(0, Cases).ToArray(), pass.Order().ToArray());
        CollectionAssert.AreNotEqual(stream[..Cases], stream[Cases..(2 * Cases)]);
    }

    [TestMethod]
    public void Draw_BatchLargerThanTheData_FillsTheBatch() =>
        Assert.HasCount(10, new ShuffledSampler(3, 10, 2, seed: 2).Draw(0, 1));
}
