using System.Security.Cryptography;
using System.Text.Json;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Derm7pt.MLNet.Tests.Networks.Encoders;

/// <summary>Compares encoders from ONNX files in torch with ONNX Runtime on the file, and with double precision.</summary>
[TestClass]
public sealed class OnnxEncoderTests
{
    private static readonly string[] Cuts =
    [
        "stem", "stem/bn", "stem/relu", "pooled", "depthwise", "clipped", "point", "residual", "swish", "scales", "excited", "alias", "leaky", "elu",
        "joined", "shifted", "halved", "padded", "wide", "squashed", "smooth", "features", "vector", "dense",
    ];

    public static IEnumerable<object[]> AllCuts => Cuts.Select(cut => new object[] { cut });

    [TestMethod]
    [DynamicData(nameof(AllCuts))]
    public void Forward_CutAtAnyValue_EqualsOnnxRuntime(string cut)
    {
        ExtractorFile file = ExtractorFile.Everything();
        EncoderFile encoder = Import(file, new EncoderOptions { File = "x", Output = cut, Normalization = new() });
        foreach (int extent in (int[])[40, 57])
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor pixels = TestNetworks.Pixels(3, extent);
            float[] expected = RunFile(file.ToBytes(cut), ExtractorFile.Input, pixels, cut);
            using TorchNetwork network = Network(encoder);
            Tensor features = encoder.Encoder.Forward(network.Scope(NetworkSpec.EncoderPath), pixels);
            Assert.AreEqual(encoder.Encoder.OutputChannels(), features.shape[1]);
            Assert.AreEqual(encoder.Encoder.OutputExtent(extent), Math.Min(features.shape[2], features.shape[3]));
            AssertClose(expected, features.data<float>().ToArray(), 1e-5);
        }
    }

    [TestMethod]
    public void Emit_EveryOperator_EqualsTorch()
    {
        foreach (string cut in (string[])["features", "dense", "scales"])
        {
            EncoderFile encoder = Import(ExtractorFile.Everything(), new EncoderOptions { File = "x", Output = cut });
            using DisposeScope scope = NewDisposeScope();
            using TorchNetwork network = Network(encoder);
            Tensor pixels = TestNetworks.Pixels(2, 64);
            float[] expected = encoder.Encoder.Forward(network.Scope(NetworkSpec.EncoderPath), pixels).data<float>().ToArray();

            var graph = new GraphBuilder();
            string input = graph.Input("pixels", [3, 64, 64], "");
            var scopeOfGraph = new GraphScope(graph, network.Capture().ToDictionary(tensor => tensor.Name), "");
            GraphValue value = encoder.Encoder.Emit(scopeOfGraph.In(NetworkSpec.EncoderPath), new GraphValue(input, 3));
            graph.Proto.Output.Add(new ValueInfoProto
            {
                Name = value.Name,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } },
            });
            graph.Proto.Name = "test";
            byte[] onnx = new ModelProto { IrVersion = 8, Graph = graph.Proto, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }.ToByteArray();
            AssertClose(expected, RunFile(onnx, "pixels", pixels, value.Name), 1e-5);
        }
    }

    [TestMethod]
    public void Forward_Training_GradientsEqualDoublePrecision()
    {
        EncoderFile encoder = Import(ExtractorFile.Everything(), new EncoderOptions { File = "x", Output = "dense" });
        Dictionary<string, double[]> single = Gradients(encoder, ScalarType.Float32), reference = Gradients(encoder, ScalarType.Float64);
        Assert.HasCount(encoder.Encoder.Parameters().Count(parameter => parameter.IsLearned), single);
        foreach ((string name, double[] expected) in reference)
        {
            double scale = expected.Max(Math.Abs) + 1e-3;
            double error = expected.Zip(single[name], (x, y) => Math.Abs(x - y)).Max() / scale;
            Assert.IsLessThan(1e-4, error, name);
        }
    }

    [TestMethod]
    public void Forward_BatchNormalizationInTraining_UsesAndMovesStatisticsUnlessFrozen()
    {
        EncoderFile encoder = Import(ExtractorFile.Everything(), new EncoderOptions { File = "x", Output = "swish" });
        foreach (bool isFrozen in (bool[])[false, true])
        {
            var description = (OnnxEncoder)encoder.Encoder;
            description = description with { FrozenNodes = isFrozen ? description.Nodes.Length : 0 };
            using DisposeScope scope = NewDisposeScope();
            using TorchNetwork network = Network(encoder with { Encoder = description });
            float[] before = network["encoder.stem/bn.mean"].data<float>().ToArray();
            network.IsTraining = true;
            Tensor trained = description.Forward(network.Scope(NetworkSpec.EncoderPath), TestNetworks.Pixels(4, 40));
            network.IsTraining = false;
            Assert.AreEqual(isFrozen, before.SequenceEqual(network["encoder.stem/bn.mean"].data<float>().ToArray()));
            Assert.AreEqual(!isFrozen, trained.requires_grad);
        }
    }

    [TestMethod]
    public void Stages_ReductionsOfTheFile_AreItsLastValuesOfEachExtent()
    {
        EncoderFile encoder = Import(ExtractorFile.Everything(), new EncoderOptions { File = "x", Stage = 2 });
        Assert.AreEqual("features", encoder.Encoder.File!.Output);
        Assert.AreSequenceEqual([2, 4, 8], encoder.Encoder.Stages().Select(stage => stage.Reduction));
        Assert.AreEqual("stem/relu", encoder.Encoder.Stages()[0].Name);

        Encoder last = Import(ExtractorFile.Everything(), new EncoderOptions { File = "x", Stage = 2, TrainedStages = 1 }).Encoder;
        Assert.IsTrue(last.Parameters().Single(parameter => parameter.Name == "stem.weight").IsFrozen);
        Assert.IsFalse(last.Parameters().Single(parameter => parameter.Name == "wide.weight").IsFrozen);
    }

    [TestMethod]
    public void Read_FrozenWithOtherOperators_ComputesAndEmitsWhatOnnxRuntimeDoes()
    {
        const int Extent = 48;
        ExtractorFile file = ExtractorFile.Everything();
        file.Node("Softmax", "attention", ["squashed"], ExtractorFile.Int("axis", 1));
        foreach ((string cut, int channels) in ((string, int)[])[("probabilities", 6), ("attention", 12)])
        {
            var options = new EncoderOptions { File = "x", Output = cut, TrainedStages = 0, Normalization = new() };
            byte[] content = file.ToBytes();
            EncoderFile encoder = OnnxImport.Read(content, "extractor.onnx", "", options, Extent);
            Assert.IsInstanceOfType<GraphEncoder>(encoder.Encoder);
            Assert.AreEqual(channels, encoder.Encoder.OutputChannels());

            using DisposeScope scope = NewDisposeScope();
            Tensor pixels = TestNetworks.Pixels(3, Extent);
            float[] expected = RunFile(file.ToBytes(cut), ExtractorFile.Input, pixels, cut);
            using TorchNetwork network = Network(encoder);
            Tensor features = encoder.Encoder.Forward(network.Scope(NetworkSpec.EncoderPath), pixels);
            AssertClose(expected, features.data<float>().ToArray(), 1e-5);
            Assert.AreEqual(encoder.Encoder.OutputExtent(Extent), features.shape[2]);

            NetworkSpec spec = Spec(encoder);
            string json = JsonSerializer.Serialize(spec, NetworkJson.Default.NetworkSpec);
            Assert.AreEqual(spec, JsonSerializer.Deserialize(json, NetworkJson.Default.NetworkSpec));
            Assert.Contains(
                "Set InputSize".ToUpperInvariant(),
                Assert.ThrowsExactly<FormatException>(() => OnnxImport.Read(content, "extractor.onnx", "", options)).Message.ToUpperInvariant());
        }
    }

    [TestMethod]
    public void Json_RoundTrip_EqualsTheDescription()
    {
        EncoderFile encoder = Import(ExtractorFile.Everything(), new EncoderOptions { File = "x", Output = "dense", Origin = "test" });
        NetworkSpec network = Spec(encoder);
        string json = JsonSerializer.Serialize(network, NetworkJson.Default.NetworkSpec);
        Assert.AreEqual(network, JsonSerializer.Deserialize(json, NetworkJson.Default.NetworkSpec));
    }

    [TestMethod]
    [DataRow("Softmax", "probabilities", "operator Softmax of 'probabilities' has no counterpart that can be trained")]
    [DataRow("", "nothing", "has no value 'nothing'. Its stages end at 'stem/relu' (8 channels, 1/2 of the extent)")]
    public void Read_OutputThatCannotBeComputed_SaysWhy(string _, string output, string expected)
    {
        var e = Assert.ThrowsExactly<FormatException>(() => Import(ExtractorFile.Everything(), new EncoderOptions { File = "x", Output = output }));
        Assert.Contains(expected, e.Message);
    }

    [TestMethod]
    public void Read_ResNet18_EqualsOnnxRuntimeAtEveryStage()
    {
        byte[] original = File.ReadAllBytes(EncoderOptions.ResNet18().FindFile());
        string[] outputs = ["ReLU253_Output_0", "ReLU283_Output_0", "ReLU315_Output_0", "ReLU347_Output_0", "ReLU393_Output_0"];
        foreach ((int extent, int count) in ((int, int)[])[(224, 4), (160, 2)])
        {
            // The pooling at the end and the shapes that the file declares for its values are removed.
            ModelProto file = ModelProto.Parser.ParseFrom(original);
            var graph = new GraphProto { Name = "ResNet-18" };
            graph.Node.AddRange(file.Graph.Node.Where(node => node.OpType != "AveragePool"));
            graph.Initializer.AddRange(file.Graph.Initializer);
            graph.Input.AddRange(file.Graph.Input);
            file.Graph = graph;
            TensorShapeProto shape = file.Graph.Input.Single(input => input.Name == "Input247").Type.TensorType.Shape;
            shape.Dim[0].DimParam = "N";
            (shape.Dim[2].DimValue, shape.Dim[3].DimValue) = (extent, extent);
            foreach (string name in outputs)
                file.Graph.Output.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });

            using DisposeScope scope = NewDisposeScope();
            Tensor pixels = TestNetworks.Pixels(count, extent);
            EncoderFile encoder = OnnxImport.Read(original, "ResNet18.onnx", "", EncoderOptions.ResNet18(stage: 4));
            using TorchNetwork network = Network(encoder);
            var stages = new List<Tensor>();
            encoder.Encoder.Forward(network.Scope(NetworkSpec.EncoderPath), pixels, stages);
            Assert.HasCount(outputs.Length, stages);

            // The file's input: bytes in the order blue, green, red, less their means.
            Tensor input = (pixels.flip(1) * 255) - tensor([103.06f, 115.90f, 123.15f]).reshape(1, 3, 1, 1);
            using var session = new InferenceSession(file.ToByteArray());
            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(
                [NamedOnnxValue.CreateFromTensor("Input247", new DenseTensor<float>(input.contiguous().data<float>().ToArray(), [count, 3, extent, extent]))]);
            for (int stage = 0; stage < outputs.Length; stage++)
                AssertClose(results[stage].AsTensor<float>().ToArray(), stages[stage].data<float>().ToArray(), 1e-4);
        }
    }

    [TestMethod]
    public void FindFile_MissingResNet18_NamesThePackage()
    {
        string path = EncoderOptions.ResNet18().FindFile();
        Assert.IsTrue(File.Exists(path));
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => new EncoderOptions(EncoderOptions.ResNet18()) { File = "missing.onnx" }.FindFile());
        Assert.Contains("missing.onnx", e.Message);
    }

    internal static EncoderFile Import(ExtractorFile file, EncoderOptions options)
    {
        byte[] content = file.ToBytes();
        return OnnxImport.Read(content, "extractor.onnx", Convert.ToHexStringLower(SHA256.HashData(content)), options);
    }

    private static NetworkSpec Spec(EncoderFile encoder) => TestNetworks.Spec(GateMode.Learned, [4, 4]).OnEncoder(encoder.Encoder);

    private static TorchNetwork Network(EncoderFile encoder, ScalarType type = ScalarType.Float32)
    {
        var network = new TorchNetwork(Spec(encoder), seed: 1, type: type);
        network.RestorePart(NetworkSpec.EncoderPath, encoder.Weights);
        return network;
    }

    private static Dictionary<string, double[]> Gradients(EncoderFile encoder, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = Network(encoder, type);
        network.IsTraining = true;
        Tensor features = encoder.Encoder.Forward(network.Scope(NetworkSpec.EncoderPath), TestNetworks.Pixels(4, 48).to(type));
        using Tensor direction = arange(features.numel(), dtype: type).sin_().reshape(features.shape);
        (features * direction).sum().backward();
        return encoder.Encoder.Parameters().Where(parameter => parameter.IsLearned).ToDictionary(
            parameter => parameter.Name,
            parameter => network[$"encoder.{parameter.Name}"].grad!.to(float64).flatten().data<double>().ToArray());
    }

    private static float[] RunFile(byte[] onnx, string inputName, Tensor pixels, string output)
    {
        using var session = new InferenceSession(onnx);
        var input = new DenseTensor<float>(pixels.data<float>().ToArray(), [.. pixels.shape.Select(extent => (int)extent)]);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run([NamedOnnxValue.CreateFromTensor(inputName, input)], [output]);
        return results[0].AsTensor<float>().ToArray();
    }

    private static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        double scale = Math.Max(1, expected.Max(Math.Abs));
        double error = expected.Zip(actual, (x, y) => Math.Abs((double)x - y)).Max();
        Assert.IsLessThan(tolerance * scale, error);
    }
}
