using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Tests.Scoring;
using Google.Protobuf;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Encoders;

/// <summary>The ResNet-18 of the package Microsoft.ML.DnnImageFeaturizer.ResNet18.</summary>
[TestClass]
public sealed class ResNet18Tests
{
    private const int Images = 20;
    private const string Input = "Input247";

    /// <summary>The values of the file at which the stages end.</summary>
    private static readonly string[] Ends = ["ReLU253_Output_0", "ReLU283_Output_0", "ReLU315_Output_0", "ReLU347_Output_0", "ReLU393_Output_0"];

    // Largest difference of a feature, relative to the largest feature of the stage: the features of a stage reach from about 4 to 20, and
    // single precision of another order of additions gives some 1e-6.
    private const double Tolerance = 1e-4;

    [TestMethod]
    [DataRow(224)]
    [DataRow(160)]
    public void ForwardAndEmit_DrawnImagesAtEveryStage_EqualOnnxRuntimeOnTheFileItself(int extent)
    {
        byte[] original = File.ReadAllBytes(EncoderOptions.ResNet18().FindFile());
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor pixels = Drawn(extent);
        // The file's input: bytes in the order blue, green, red, less their means.
        Tensor normalized = ((pixels.flip(1) * 255) - tensor([103.06f, 115.90f, 123.15f]).reshape(1, 3, 1, 1)).contiguous();

        EncoderFile whole = OnnxImport.Read(original, "ResNet18.onnx", "", EncoderOptions.ResNet18(stage: 4));
        using TorchNetwork network = OnnxEncoderTests.Network(whole);
        var stages = new List<Tensor>();
        whole.Encoder.Forward(network.Scope(NetworkSpec.EncoderPath), pixels, stages);
        Assert.HasCount(Ends.Length, stages);
        for (int stage = 0; stage < Ends.Length; stage++)
        {
            float[] expected = OnnxEncoderTests.RunFile(Cut(original, Ends[stage], extent), Input, normalized, Ends[stage]);

            EncoderFile cut = OnnxImport.Read(original, "ResNet18.onnx", "", EncoderOptions.ResNet18(stage));
            using TorchNetwork part = OnnxEncoderTests.Network(cut);
            (byte[] onnx, string output) = OnnxEncoderTests.Emit(cut.Encoder, part, extent);

            Assert.IsGreaterThan(1, expected.Max(Math.Abs), "or the tolerance would not be relative");
            OnnxEncoderTests.AssertClose(expected, stages[stage].data<float>().ToArray(), Tolerance, $"torch, stage {stage}");
            OnnxEncoderTests.AssertClose(expected, OnnxEncoderTests.RunFile(onnx, "pixels", pixels, output), Tolerance, $"exported, stage {stage}");
        }
    }

    [TestMethod]
    public void ResNet18_OriginAndLicense_AreThoseOfThePackage()
    {
        EncoderOptions options = EncoderOptions.ResNet18();

        Assert.Contains("Microsoft.ML.DnnImageFeaturizer.ResNet18", options.Origin!);
        Assert.StartsWith("MIT, Copyright (c) .NET Foundation and Contributors", options.License!);
    }

    [TestMethod]
    public void FindFile_MissingFile_NamesIt()
    {
        Assert.IsTrue(File.Exists(EncoderOptions.ResNet18().FindFile()));
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => new EncoderOptions(EncoderOptions.ResNet18()) { File = "missing.onnx" }.FindFile());
        Assert.Contains("missing.onnx", e.Message);
    }

    private static Tensor Drawn(int extent)
    {
        var random = new Random(extent);
        return stack([.. Enumerable.Range(0, Images).Select(_ =>
            tensor(SyntheticImages.Draw(random, extent, extent).Rgb.ToArray(), [extent, extent, 3]).permute(2, 0, 1).to(float32) / 255)]).contiguous();
    }

    /// <summary>The file as it is, for images of one size and any number, up to one of its values.</summary>
    private static byte[] Cut(byte[] original, string output, int extent)
    {
        ModelProto file = ModelProto.Parser.ParseFrom(original);
        // Without the shapes that the file states for its values, and without the nodes that need those.
        var graph = new GraphProto { Name = "ResNet-18" };
        HashSet<string> needed = [output];
        foreach (NodeProto node in Enumerable.Reverse(file.Graph.Node).Where(node => node.Output.Any(needed.Contains)))
        {
            graph.Node.Insert(0, node);
            needed.UnionWith(node.Input);
        }

        graph.Initializer.AddRange(file.Graph.Initializer.Where(tensor => needed.Contains(tensor.Name)));
        graph.Input.AddRange(file.Graph.Input.Where(input => needed.Contains(input.Name)));
        TensorShapeProto shape = graph.Input.Single(input => input.Name == Input).Type.TensorType.Shape;
        shape.Dim[0].DimParam = "N";
        (shape.Dim[2].DimValue, shape.Dim[3].DimValue) = (extent, extent);
        graph.Output.Add(new ValueInfoProto { Name = output, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });
        file.Graph = graph;
        return file.ToByteArray();
    }
}
