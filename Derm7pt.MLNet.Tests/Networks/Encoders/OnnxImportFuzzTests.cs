using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Encoders;

/// <summary>Tests feature extractors that were damaged or forged at random, each with its own seed.</summary>
[TestClass]
public sealed class OnnxImportFuzzTests
{
    private const int Files = 1_500;
    private const int Extent = 40;

    // Forged sizes may need more computation than a test should take.
    private const long MostParameters = 200_000, MostPositions = 64;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Read_MutatedFiles_ComputeFeaturesOrGiveTheOneException()
    {
        byte[] whole = ExtractorFile.Everything().ToBytes();
        (int read, int refused, long mostAllocated) = (0, 0, 0);
        for (int seed = 0; seed < Files; seed++)
        {
            var random = new Random(seed);
            byte[] file = random.Next(2) == 0 ? Bytes(whole, random) : Fields(whole, random);
            try
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                EncoderFile? encoder = Read(file);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                mostAllocated = Math.Max(mostAllocated, allocated);
                Assert.IsLessThan(8_000_000 + (20L * file.Length), allocated, "bytes allocated");
                if (encoder is null)
                {
                    refused++;
                    continue;
                }

                read++;
                Compute(encoder);
            }
            catch (Exception e) when (e is not AssertFailedException)
            {
                throw new InvalidOperationException($"The file of seed {seed}: {e.Message}", e);
            }
        }

        TestContext.DisplayMessage(
            MessageLevel.Informational, $"{Files} mutated files: {read} read, {refused} refused, at most {mostAllocated / 1e6:F1} MB allocated for one.");
        Assert.IsGreaterThan(Files / 20, read);
        Assert.IsGreaterThan(Files / 20, refused);
    }

    private static EncoderFile? Read(byte[] file)
    {
        try
        {
            return OnnxImport.Read(file, "extractor.onnx", "", new EncoderOptions { File = "x", Stage = 2 });
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static void Compute(EncoderFile encoder)
    {
        Encoder description = encoder.Encoder;
        Assert.IsEmpty(description.Problems());
        var graph = new GraphBuilder();
        description.Emit(
            new GraphScope(graph, encoder.Weights.ToDictionary(tensor => tensor.Name), ""), new GraphValue(graph.Input("pixels", [3, Extent, Extent], ""), 3));
        if (description.Parameters().Sum(parameter => parameter.Count) > MostParameters || description.OutputExtent(Extent) is 0 or > (int)MostPositions)
            return;

        using DisposeScope scope = NewDisposeScope();
        NetworkSpec spec = TestNetworks.Spec(GateMode.Closed, [1]).OnEncoder(description);
        using var network = new TorchNetwork(spec, seed: 1);
        network.RestorePart(NetworkSpec.EncoderPath, encoder.Weights);
        Tensor features = description.Forward(network.Scope(NetworkSpec.EncoderPath), TestNetworks.Pixels(2, Extent));
        Assert.AreEqual(description.OutputChannels(), features.shape[1]);
        Assert.AreEqual(description.OutputExtent(Extent), Math.Min(features.shape[2], features.shape[3]));
    }

    private static byte[] Bytes(byte[] source, Random random)
    {
        byte[] file = [.. source];
        for (int times = random.Next(1, 4); times > 0; times--)
            file[random.Next(file.Length)] = (byte)random.Next(256);
        return random.Next(8) == 0 ? file[..random.Next(file.Length)] : file;
    }

    private static byte[] Fields(byte[] source, Random random)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(source);
        NodeProto node = model.Graph.Node[random.Next(model.Graph.Node.Count)];
        TensorProto tensor = model.Graph.Initializer[random.Next(model.Graph.Initializer.Count)];
        long wild = ((long[])[0, -1, 1, 2, 3, 5, 8, 64, 65, 16_384, 1 << 20, int.MaxValue, long.MaxValue, long.MinValue])[random.Next(14)];
        switch (random.Next(7))
        {
            case 0 when node.Attribute.Count > 0:
                AttributeProto attribute = node.Attribute[random.Next(node.Attribute.Count)];
                attribute.I = wild;
                attribute.F = BitConverter.Int32BitsToSingle(random.Next());
                if (attribute.Ints.Count > 0)
                    attribute.Ints[random.Next(attribute.Ints.Count)] = wild;
                break;
            case 1 when node.Input.Count > 0:
                node.Input[random.Next(node.Input.Count)] = model.Graph.Node[random.Next(model.Graph.Node.Count)].Output[0];
                break;
            case 2:
                node.Output[0] = model.Graph.Node[random.Next(model.Graph.Node.Count)].Output[0];
                break;
            case 3:
                node.OpType = model.Graph.Node[random.Next(model.Graph.Node.Count)].OpType;
                break;
            case 4 when tensor.Dims.Count > 0:
                tensor.Dims[random.Next(tensor.Dims.Count)] = wild;
                break;
            case 5:
                tensor.DataType = random.Next(12);
                break;
            default:
                model.Graph.Node.Remove(node);
                break;
        }

        return model.ToByteArray();
    }
}
