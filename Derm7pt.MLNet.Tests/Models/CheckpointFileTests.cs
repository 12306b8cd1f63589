using System.Runtime.InteropServices;
using System.Text;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Tests.Training;
using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Tests.Models;

[TestClass]
public sealed class CheckpointFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string CheckpointPath => _folder.File("run.ckpt");

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(true, false)]
    [DataRow(false, false)]
    [DataRow(true, true)]
    public void Read_WrittenCheckpoint_IsTheSameToTheLastBit(bool withBest, bool withAverage)
    {
        Checkpoint expected = Sample(withBest, withAverage);
        CheckpointFile.Write(CheckpointPath, expected);

        Checkpoint actual = CheckpointFile.Read(CheckpointPath);

        CollectionAssert.AreEqual(expected.Run.Entries.ToArray(), actual.Run.Entries.ToArray());
        AreEqual(expected.State.Network, actual.State.Network);
        Assert.AreEqual(withBest, actual.State.Best is not null);
        AreEqual(expected.State.Best ?? [], actual.State.Best ?? []);
        Assert.AreEqual(withAverage, actual.State.Average is not null);
        AreEqual(expected.State.Average ?? [], actual.State.Average ?? []);
        CollectionAssert.AreEqual(
            expected.State.Optimizer.Select(m => m.Steps).ToArray(), actual.State.Optimizer.Select(m => m.Steps).ToArray());
        AreEqual([.. expected.State.Optimizer.Select(m => m.First)], [.. actual.State.Optimizer.Select(m => m.First)]);
        AreEqual([.. expected.State.Optimizer.Select(m => m.Second)], [.. actual.State.Optimizer.Select(m => m.Second)]);
        Assert.AreEqual(TimeSpan.FromTicks(12345), actual.State.Epochs[1].Duration);
        Assert.AreEqual(0.1 + 0.2, actual.State.Epochs[1].TrainingLoss);
        Assert.AreEqual(double.NaN, actual.State.Epochs[1].Validation!.Loss);
        CollectionAssert.AreEqual(new[] { 1, 0.1f, 0.2f, 1 }, actual.State.Epochs[1].Sharing[0]);
    }

    // The names, their order and the derived values are part of the format.
    [TestMethod]
    public void Write_Epochs_HaveTheJsonOfFormatOne() => StringAssert.Contains(
        Encoding.UTF8.GetString(Bytes()),
        """
        "Epochs":[{"Epoch":1,"TrainingLoss":3.5,"Validation":{"Loss":2.5,"TaskLosses":[1,1.5],"MacroF1":[0.5,0.25],"Accuracy":[0.75,0.5],"MeanMacroF1":0.375},"Sharing":[[1,0.5,0.5,1]],"Duration":"00:00:00"},
        """);

    [TestMethod]
    public void Read_TruncatedAnywhere_ThrowsModelException()
    {
        byte[] whole = Bytes();
        foreach (int length in Enumerable.Range(0, CheckpointFile.HeaderLength + 20).Concat(Enumerable.Range(1, 100).Select(i => whole.Length - i)))
            AssertBroken(whole[..length], $"length {length}");
    }

    [TestMethod]
    public void Read_BitFlipped_ThrowsModelException()
    {
        byte[] whole = Bytes();
        var random = new Random(1);
        for (int i = 0; i < 400; i++)
        {
            // The first iterations flip bits of the whole header, the others bits at random positions.
            int bit = i < CheckpointFile.HeaderLength * 4 ? (i * 2) + random.Next(2) : random.Next(whole.Length * 8);
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertBroken(flipped, $"bit {bit}");
        }
    }

    [TestMethod]
    public void Read_PayloadOfAStranger_ThrowsModelExceptionOrReads()
    {
        // The checksum is correct, so that the content itself must be validated.
        byte[] payload = Bytes()[CheckpointFile.HeaderLength..];
        var random = new Random(2);
        int read = 0, broken = 0;
        for (int i = 0; i < 600; i++)
        {
            byte[] changed = i % 3 == 0 ? payload[..random.Next(payload.Length)] : [.. payload];
            for (int j = 0; j < i % 3; j++)
            {
                // These numbers are likely to be invalid as a length or a shape.
                int[] values = [-1, 0, int.MaxValue, int.MinValue, 1 << 24, random.Next()];
                int at = random.Next(changed.Length - sizeof(int));
                MemoryMarshal.Write(changed.AsSpan(at), values[random.Next(values.Length)]);
            }

            File.WriteAllBytes(CheckpointPath, [.. CheckpointFile.Header(changed), .. changed]);
            try
            {
                CheckpointFile.Read(CheckpointPath);
                read++;
            }
            catch (Derm7ptModelException)
            {
                broken++;
            }
        }

        Assert.IsGreaterThan(20, read);
        Assert.IsGreaterThan(100, broken);
    }

    [TestMethod]
    public void Read_AnotherFile_SaysThatItIsNoCheckpoint()
    {
        foreach (byte[] content in new[] { "PK\u0003\u0004 a zip file"u8.ToArray(), [], new byte[1000] })
            StringAssert.Contains(AssertBroken(content, "foreign"), "not a checkpoint of Derm7pt.MLNet");
    }

    [TestMethod]
    public void Read_OtherFormat_SaysWhich()
    {
        byte[] bytes = Bytes();
        bytes[8] = 9;
        StringAssert.Contains(AssertBroken(bytes, "version"), "format 9");
    }

    [TestMethod]
    public void Find_NoFile_IsNull() => Assert.IsNull(CheckpointFile.Find(CheckpointPath));

    private string AssertBroken(byte[] content, string what)
    {
        File.WriteAllBytes(CheckpointPath, content);
        Derm7ptModelException e = Assert.ThrowsExactly<Derm7ptModelException>(() => CheckpointFile.Read(CheckpointPath), what);
        Assert.AreEqual(CheckpointPath, e.Path);
        return e.Message;
    }

    private byte[] Bytes()
    {
        CheckpointFile.Write(CheckpointPath, Sample(withBest: true));
        return File.ReadAllBytes(CheckpointPath);
    }

    private static Checkpoint Sample(bool withBest, bool withAverage = true)
    {
        var random = new Random(3);
        EpochMetrics[] epochs =
        [
            new(1, 3.5, withBest ? new ValidationMetrics(2.5, [1, 1.5], [0.5, 0.25], [0.75, 0.5]) : null, [[1, 0.5f, 0.5f, 1]], TimeSpan.Zero),
            new(2, 0.1 + 0.2, new ValidationMetrics(double.NaN, [1], [0.5], [1]), [[1, 0.1f, 0.2f, 1]], TimeSpan.FromTicks(12345)),
        ];
        var run = new RunIdentity(new Dictionary<string, string> { ["Seed"] = "1", ["Image size"] = "32×32" });
        return new Checkpoint(run, new TrainingState(
            epochs, [Tensor("a", 2, 3), Tensor("b.bias", 4)], withBest ? [Tensor("a", 2, 3), Tensor("b.bias", 4)] : null,
            [new AdamMoments(7, Tensor("a", 2, 3), Tensor("a", 2, 3)), new AdamMoments(8, Tensor("b.bias", 4), Tensor("b.bias", 4))],
            withAverage ? [Tensor("a", 2, 3), Tensor("b.bias", 4)] : null));

        NamedTensor Tensor(string name, params long[] shape)
        {
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)];
            (values[0], values[1]) = (float.NaN, -0f);
            return new NamedTensor(name, [.. shape], values);
        }
    }

    private static void AreEqual(IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> actual)
    {
        Assert.HasCount(expected.Count, actual);
        foreach ((NamedTensor e, NamedTensor a) in expected.Zip(actual))
        {
            Assert.AreEqual(e.Name, a.Name);
            CollectionAssert.AreEqual(e.Shape.ToArray(), a.Shape.ToArray());
            CollectionAssert.AreEqual(e.Values.Select(BitConverter.SingleToInt32Bits).ToArray(), a.Values.Select(BitConverter.SingleToInt32Bits).ToArray());
        }
    }
}
