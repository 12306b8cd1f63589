using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Tests.Scoring;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Derm7pt.MLNet.Tests.Networks.Encoders;

/// <summary>The ResNet-18 of the package Microsoft.ML.DnnImageFeaturizer.ResNet18.</summary>
[TestClass]
public sealed class ResNet18Tests
{
    /// <summary>The number of images, and of those that the exported graphs compute too.</summary>
    private const int Images = 20, ExportedImages = 6;

    private const string Input = "Input247";

    /// <summary>The values of the file at which the stages end.</summary>
    private static readonly string[] Ends = ["ReLU253_Output_0", "ReLU283_Output_0", "ReLU315_Output_0", "ReLU347_Output_0", "ReLU393_Output_0"];

    // The largest difference of a feature, relative to the largest feature of the stage (of 20 images).
    private const double Tolerance = 1e-4;

    [TestMethod]
    [DataRow(224)]
    [DataRow(128)]
    public void ForwardAndEmit_DrawnImagesAtEveryStage_EqualOnnxRuntimeOnTheFileItself(int extent)
    {
        byte[] original = File.ReadAllBytes(EncoderOptions.ResNet18().FindFile());
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor pixels = Drawn(extent);
        float[][] expected = RunOriginal(original, pixels);

        EncoderFile whole = OnnxImport.Read(original, "ResNet18.onnx", "", EncoderOptions.ResNet18(stage: 4));
        using TorchNetwork network = OnnxEncoderTests.Network(whole);
        var stages = new List<Tensor>();
        whole.Encoder.Forward(network.Scope(NetworkSpec.EncoderPath), pixels, stages);

        Assert.HasCount(Ends.Length, stages);
        Tensor some = pixels[..ExportedImages].contiguous();
        for (int stage = 0; stage < Ends.Length; stage++)
        {
            OnnxEncoderTests.AssertClose(expected[stage], stages[stage].data<float>().ToArray(), Tolerance, $"torch, stage {stage}");

            EncoderFile cut = OnnxImport.Read(original, "ResNet18.onnx", "", EncoderOptions.ResNet18(stage));
            NamedTensor[] state = [.. cut.Weights.Select(tensor => tensor with { Name = $"{NetworkSpec.EncoderPath}.{tensor.Name}" })];
            (byte[] onnx, string output) = OnnxEncoderTests.Emit(cut.Encoder, state, extent);
            float[] exported = OnnxEncoderTests.RunFile(onnx, "pixels", some, output);
            OnnxEncoderTests.AssertClose(expected[stage][..exported.Length], exported, Tolerance, $"exported graph, stage {stage}");
            Assert.AreEqual(expected[stage].Length / Images * ExportedImages, exported.Length);
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

    /// <summary>Computes the features of every stage with the nodes of the file, unchanged.</summary>
    private static float[][] RunOriginal(byte[] original, Tensor pixels)
    {
        ModelProto file = ModelProto.Parser.ParseFrom(original);
        // The pooling after the last stage and the shapes that the file declares for its values hold for one image of 224 pixels only.
        var graph = new GraphProto { Name = "ResNet-18" };
        graph.Node.AddRange(file.Graph.Node.Where(node => node.OpType != "AveragePool"));
        graph.Initializer.AddRange(file.Graph.Initializer);
        graph.Input.AddRange(file.Graph.Input);
        TensorShapeProto shape = graph.Input.Single(input => input.Name == Input).Type.TensorType.Shape;
        shape.Dim[0].DimParam = "N";
        (shape.Dim[2].DimValue, shape.Dim[3].DimValue) = (pixels.shape[2], pixels.shape[3]);
        foreach (string name in Ends)
            graph.Output.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });
        file.Graph = graph;

        // The input of the file: bytes in the order blue, green, red, minus their means.
        float[] input = ((pixels.flip(1) * 255) - tensor([103.06f, 115.90f, 123.15f]).reshape(1, 3, 1, 1)).contiguous().data<float>().ToArray();
        using var session = new InferenceSession(file.ToByteArray());
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(
            [NamedOnnxValue.CreateFromTensor(Input, new DenseTensor<float>(input, [.. pixels.shape.Select(extent => (int)extent)]))], Ends);
        return [.. results.Select(result => result.AsTensor<float>().ToArray())];
    }
}
