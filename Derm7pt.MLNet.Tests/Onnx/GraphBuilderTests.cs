using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace Derm7pt.MLNet.Tests.Onnx;

[TestClass]
public sealed class GraphBuilderTests
{
    private const int Extent = 5;

    // With and without merging of groups: 8 channel blocks decide.
    [TestMethod]
    [DataRow(1, 3, 4, 1, 1, false, true)]
    [DataRow(1, 3, 4, 3, 2, true, true)]
    [DataRow(3, 2, 2, 3, 1, true, false)]
    [DataRow(2, 4, 4, 3, 1, true, true)]
    [DataRow(4, 8, 8, 1, 1, true, false)]
    [DataRow(4, 4, 8, 3, 1, false, true)]
    public void Convolution_PendingMapOfChannels_IsAbsorbedExactly(
        int groups, int inputs, int outputs, int size, int stride, bool pending, bool withBias)
    {
        var random = new Random((groups * 100) + outputs);
        int channels = groups * inputs, all = groups * outputs;
        NamedTensor kernel = Random("kernel", all, inputs, size, size), bias = Random("bias", all);
        double[] scale = [.. Enumerable.Range(0, channels).Select(_ => 0.5 + random.NextDouble())];
        double[] shift = [.. Enumerable.Range(0, channels).Select(_ => random.NextDouble() - 0.5)];
        float[] pixels = Random("x", channels, Extent, Extent).Values;

        var graph = new GraphBuilder();
        string x = graph.Input("x", [channels, Extent, Extent], "");
        var value = new GraphValue(x, channels, pending ? new ChannelAffine(graph.Constant("s", [channels], scale), graph.Constant("d", [channels], shift)) : null);
        GraphValue result = graph.Convolution(
            "layer", value, new GraphKernel(graph.Parameter(kernel), all, inputs, size, size), withBias ? graph.Parameter(bias) : null, stride, groups);
        int extent = ((Extent - size) / stride) + 1;
        graph.Node("Flatten", "y", [result.Name], GraphBuilder.Integer("axis", 1));
        graph.Output("y", TensorProto.Types.DataType.Float, all * extent * extent);

        float[] actual = Run(graph, pixels, channels);

        for (int o = 0; o < all; o++)
        {
            for (int position = 0; position < extent * extent; position++)
            {
                double expected = withBias ? bias.Values[o] : 0;
                for (int i = 0; i < inputs; i++)
                {
                    int channel = (o / outputs * inputs) + i;
                    for (int tap = 0; tap < size * size; tap++)
                    {
                        int row = (position / extent * stride) + (tap / size), column = (position % extent * stride) + (tap % size);
                        double read = pixels[(((channel * Extent) + row) * Extent) + column];
                        expected += kernel.Values[(((o * inputs) + i) * size * size) + tap] * (pending ? (scale[channel] * read) + shift[channel] : read);
                    }
                }

                Assert.AreEqual(expected, actual[(o * extent * extent) + position], 1e-5, $"channel {o}, position {position}");
            }
        }

        NamedTensor Random(string name, params long[] shape) =>
            new(name, [.. shape], [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)]);
    }

    [TestMethod]
    [DataRow(8, 4, 8, 4, DisplayName = "block 2 of the default width")]
    [DataRow(8, 8, 16, 8, DisplayName = "block 3 of the default width is wide enough")]
    [DataRow(8, 2, 4, 2, DisplayName = "block 2 of half the width")]
    [DataRow(8, 1, 4, 8, DisplayName = "too narrow to be worth it")]
    [DataRow(7, 4, 8, 7, DisplayName = "tasks that cannot be paired")]
    [DataRow(8, 3, 8, 8, DisplayName = "no whole blocks")]
    [DataRow(6, 8, 4, 3, DisplayName = "inputs decide")]
    [DataRow(1, 2, 3, 1, DisplayName = "block 1")]
    public void Convolution_Groups_GivesWholeChannelBlocksWhereItCan(int groups, int outputs, int inputs, int expectedGroups)
    {
        var graph = new GraphBuilder();
        var kernel = new NamedTensor("kernel", [groups * outputs, inputs, 3, 3], new float[groups * outputs * inputs * 9]);

        graph.Convolution(
            "layer", new GraphValue("x", groups * inputs), new GraphKernel(graph.Parameter(kernel), groups * outputs, inputs, 3, 3), bias: null, groups: groups);

        NodeProto convolution = graph.Proto.Node.Single(node => node.OpType == "Conv");
        Assert.AreEqual(expectedGroups, convolution.Attribute.Single(attribute => attribute.Name == "group").I);
    }

    [TestMethod]
    public void Convolution_OtherChannelsThanTheInput_SaysWhichLayer()
    {
        var graph = new GraphBuilder();
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(
            () => graph.Convolution("layer", new GraphValue("x", 5), new GraphKernel("k", 4, 3, 1, 1), bias: null));
        StringAssert.Contains(e.Message, "'layer' reads 3 channels, and 'x' has 5");
    }

    [TestMethod]
    public void Node_NameTwice_SaysWhich()
    {
        var graph = new GraphBuilder();
        graph.Relu("y", "x");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => graph.Relu("y", "x")).Message, "two values named 'y'");
    }

    [TestMethod]
    public void Parameter_ReadTwice_IsWrittenOnce()
    {
        var graph = new GraphBuilder();
        var tensor = new NamedTensor("w", [1], [2]);

        Assert.AreEqual(graph.Parameter(tensor), graph.Parameter(tensor));

        Assert.HasCount(1, graph.Proto.Initializer);
    }

    private static float[] Run(GraphBuilder graph, float[] pixels, int channels)
    {
        graph.Proto.Name = "test";
        var model = new ModelProto { IrVersion = 8, Graph = graph.Proto, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 13 } } };
        using var session = new InferenceSession(model.ToByteArray());
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [1, channels, Extent, Extent]);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, ["x"], [input], ["y"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
