using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;
using ElementType = Derm7pt.MLNet.Onnx.TensorProto.Types.DataType;

namespace Derm7pt.MLNet.Networks;

/// <summary>Reads a <see cref="GraphEncoder"/>, the unchanged part of a file on which a value depends.</summary>
/// <param name="file">The file.</param>
/// <param name="input">The name of the file's input.</param>
internal sealed class GraphImport(OnnxGraphReader file, string input)
{
    /// <param name="output">The value whose features are used.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="sha256">The checksum of the file.</param>
    /// <param name="options">The options, with the normalization.</param>
    /// <param name="inputSize">The height and width of the images.</param>
    /// <exception cref="FormatException">The value cannot be computed; the message is the end of a sentence that states the reason.</exception>
    public EncoderFile Read(string output, string name, string sha256, EncoderOptions options, int? inputSize)
    {
        int extent = inputSize ?? throw new FormatException(
            $"its operators are copied as they are, which needs one size of images; set {nameof(NetworkOptions.InputSize)}.");
        OrderedDictionary<string, OnnxTensor> tensors = file.Tensors();
        OnnxNode[] nodes = NodesBefore(output);
        HashSet<string> read = [.. nodes.SelectMany(node => node.Inputs)];
        OnnxTensor[] used = [.. tensors.Values.Where(tensor => read.Contains(tensor.Name))];
        OnnxTensor[] weights = [.. used.Where(tensor => tensor.Type == ElementType.Float)];
        var encoder = new GraphEncoder(
            new EncoderSource(name, sha256, output, options.Origin), options.Normalization, input,
            [.. nodes.Select(node => GraphEncoder.ParseNode(node.Message.ToArray()).ToByteArray())],
            [.. used.Except(weights).Select(tensor => tensor.Message.ToArray())],
            [.. weights.Select(tensor => new GraphTensor(tensor.Name, tensor.Shape))],
            (int)file.OpsetVersion, extent, Channels: 1, FeatureExtent: 1, IsVector: false);
        if (encoder.Problems().FirstOrDefault() is { } problem)
            throw new FormatException(problem);
        NamedTensor[] values = [.. weights.Select(tensor => new NamedTensor(tensor.Name, tensor.Shape, tensor.Values(tensor.Shape)))];
        return new EncoderFile(Measure(encoder, values), values);
    }

    /// <summary>Determines the shape of the features by computing those of two images.</summary>
    private static GraphEncoder Measure(GraphEncoder encoder, NamedTensor[] tensors)
    {
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using EncoderSession session = EncoderSession.Create(encoder, tensors);
            long[] shape = session.Run(zeros(2, NetworkSpec.PixelChannels, encoder.Extent, encoder.Extent)).shape;
            return shape switch
            {
                [2, > 0 and <= NetworkLimits.Filters, > 0, > 0] =>
                    encoder with { Channels = (int)shape[1], FeatureExtent = (int)Math.Min(shape[2], shape[3]) },
                [2, > 0 and <= NetworkLimits.Filters] => encoder with { Channels = (int)shape[1], IsVector = true },
                _ => throw new FormatException(
                    $"the value '{encoder.Source.Output}' of two images has the dimensions [{string.Join(", ", shape)}], expected "
                    + "[2, channels, height, width] or [2, channels]."),
            };
        }
        catch (Exception e) when (e is OnnxRuntimeException or ArgumentException)
        {
            throw new FormatException($"ONNX Runtime cannot compute '{encoder.Source.Output}': {e.Message}", e);
        }
    }

    private OnnxNode[] NodesBefore(string output)
    {
        HashSet<string> needed = [output];
        var found = new List<OnnxNode>();
        foreach (OnnxNode node in file.Nodes().Reverse())
        {
            if (node.Outputs.Any(needed.Contains))
            {
                found.Add(node);
                needed.UnionWith(node.Inputs);
            }
        }

        found.Reverse();
        return [.. found];
    }
}
