using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Training;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using ImageInput = Derm7pt.MLNet.Networks.ImageInput;
using Tensor = TorchSharp.torch.Tensor;

namespace Derm7pt.MLNet.Tests.Networks;

/// <summary>What the network reads of an image: torch, the graph and the training's sampler against a literal computation in double precision.</summary>
[TestClass]
public sealed class ImageInputTests
{
    public static IEnumerable<object?[]> Inputs() =>
        from size in new[] { (12, 12), (12, 19), (21, 12), (13, 18), (40, 17) }
        from border in new[] { 0, 1, 4 }
        from extent in new int?[] { null, 4, 9, 33 }
        from region in Enum.GetValues<ImageRegion>()
        select new object?[] { size.Item1, size.Item2, border, extent, region };

    [TestMethod]
    [DynamicData(nameof(Inputs))]
    public void ForwardEmitAndSampler_AnySizes_ReadWhatTheDefinitionSays(int height, int width, int border, int? extent, ImageRegion region)
    {
        using DisposeScope scope = NewDisposeScope();
        var input = new ImageInput(border, extent, region);
        var random = new Random((height * 100) + width);
        var bytes = new byte[3 * height * width];
        random.NextBytes(bytes);
        float[] values = Array.ConvertAll(bytes, value => value / 255f);
        Tensor pixels = tensor(values, [1, 3, height, width]);

        (double[] expected, int rows, int columns) = Literal(values, height, width, border, extent, region);

        Assert.AreEqual((rows, columns), input.OutputSize(height, width));
        Tensor forward = input.Forward(pixels);
        CollectionAssert.AreEqual(new long[] { 1, 3, rows, columns }, forward.shape);
        AssertClose(expected, forward.contiguous().data<float>().ToArray());
        AssertClose(expected, RunGraph(input, pixels));
        var sampled = new float[expected.Length];
        AffineSampler.Sample(bytes, height, width, Augmentation.Identity(1), sampled, rows, columns, input.Window(height, width));
        AssertClose(expected, sampled);
    }

    [TestMethod]
    public void Problems_RegionThatIsNone_NamesThoseThereAre()
    {
        Assert.IsEmpty(new ImageInput(1, 2, ImageRegion.CentralSquare).Problems());
        Assert.Contains("Whole, CentralSquare, got 7.", new ImageInput(1, 2, (ImageRegion)7).Problems().Single());
        Assert.Contains(
            "Network.ImageRegion must be Whole or CentralSquare, got 7.",
            new Derm7ptMultiTaskEstimator.Options { Network = new NetworkOptions { ImageRegion = (ImageRegion)7 } }.Problems().Single());
    }

    // Files that were written before there was a region have none.
    [TestMethod]
    public void Json_WithoutRegion_IsTheWholeImage() => Assert.AreEqual(
        new ImageInput(3, 20),
        System.Text.Json.JsonSerializer.Deserialize("""{"border":3,"extent":20}""", NetworkJson.Default.ImageInput));

    /// <summary>The definition, pixel by pixel: the positions that are read, and between them the straight line.</summary>
    private static (double[] Values, int Rows, int Columns) Literal(float[] values, int height, int width, int border, int? extent, ImageRegion region)
    {
        List<int> ys = [.. Enumerable.Range(border, height - (2 * border))], xs = [.. Enumerable.Range(border, width - (2 * border))];
        // Take off the longer axis one at its end, one at its beginning, and so on.
        for (bool atEnd = true; region == ImageRegion.CentralSquare && ys.Count != xs.Count; atEnd = !atEnd)
        {
            List<int> longer = ys.Count > xs.Count ? ys : xs;
            longer.RemoveAt(atEnd ? longer.Count - 1 : 0);
        }

        (int rows, int columns) = (extent ?? ys.Count, extent ?? xs.Count);
        var result = new double[3 * rows * columns];
        for (int channel = 0; channel < 3; channel++)
        {
            for (int y = 0; y < rows; y++)
            {
                for (int x = 0; x < columns; x++)
                {
                    (int top, int bottom, double down) = Neighbors(y, rows, ys.Count);
                    (int left, int right, double across) = Neighbors(x, columns, xs.Count);
                    result[(((channel * rows) + y) * columns) + x] =
                        ((1 - down) * (((1 - across) * At(top, left)) + (across * At(top, right))))
                        + (down * (((1 - across) * At(bottom, left)) + (across * At(bottom, right))));
                }
            }

            double At(int row, int column) => values[(((channel * height) + ys[row]) * width) + xs[column]];
        }

        return (result, rows, columns);
    }

    private static (int Before, int After, double Share) Neighbors(int index, int count, int sources)
    {
        double position = Math.Clamp(((index + 0.5) * sources / count) - 0.5, 0, sources - 1);
        int before = (int)Math.Floor(position);
        return (before, Math.Min(before + 1, sources - 1), position - before);
    }

    private static float[] RunGraph(ImageInput input, Tensor pixels)
    {
        var graph = new GraphBuilder();
        string name = graph.Input("pixels", [3, pixels.shape[2], pixels.shape[3]], "");
        GraphValue value = input.Emit(new GraphScope(graph, new Dictionary<string, NamedTensor>(), ""), new GraphValue(name, 3));
        // An output must be the output of a node, which the input of a graph is not.
        string output = graph.Node("Identity", "read", [value.Name]);
        graph.Proto.Output.Add(new ValueInfoProto { Name = output, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });
        graph.Proto.Name = "test";
        byte[] onnx = new ModelProto
        {
            IrVersion = GraphBuilder.IrVersion,
            Graph = graph.Proto,
            OpsetImport = { new OperatorSetIdProto { Version = graph.OpsetVersion } },
        }.ToByteArray();
        using var session = new InferenceSession(onnx);
        var content = new DenseTensor<float>(pixels.data<float>().ToArray(), [.. pixels.shape.Select(extent => (int)extent)]);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run([NamedOnnxValue.CreateFromTensor(name, content)]);
        return results[0].AsTensor<float>().ToArray();
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 2e-5, $"value {i}");
    }
}
