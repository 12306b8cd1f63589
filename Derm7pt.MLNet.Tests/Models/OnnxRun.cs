using Derm7pt.MLNet.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>Runs a model in ONNX Runtime.</summary>
internal static class OnnxRun
{
    /// <summary>Computes the values of every output, in row-major order, and its shape.</summary>
    public static Dictionary<string, (int[] Shape, double[] Values)> Run(byte[] onnx, MultiTaskModel model, params float[][] images)
    {
        using var session = new InferenceSession(onnx);
        int[] shape = [images.Length, 3, model.ImageHeight, model.ImageWidth];
        var pixels = new DenseTensor<float>(images.SelectMany(image => image).ToArray(), shape);
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("Pixels", pixels)]);
        return outputs.ToDictionary(output => output.Name, Values);
    }

    /// <summary>Creates images of random pixels.</summary>
    public static float[][] RandomImages(MultiTaskModel model, int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
                // Every image is brighter than the one before, since a network that averages could not distinguish them otherwise.
                Enumerable.Range(0, 3 * model.ImageHeight * model.ImageWidth)
                    .Select(_ => (i + 1f) / count * random.NextSingle()).ToArray()),
        ];
    }

    private static (int[] Shape, double[] Values) Values(DisposableNamedOnnxValue output) => output.Value switch
    {
        DenseTensor<float> tensor => (tensor.Dimensions.ToArray(), [.. tensor.Buffer.ToArray().Select(value => (double)value)]),
        DenseTensor<long> tensor => (tensor.Dimensions.ToArray(), [.. tensor.Buffer.ToArray().Select(value => (double)value)]),
        object other => throw new NotSupportedException(other.GetType().Name),
    };
}
