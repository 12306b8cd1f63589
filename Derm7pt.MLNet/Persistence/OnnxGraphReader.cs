using System.Globalization;
using System.Runtime.InteropServices;
using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence.Onnx;
using Google.Protobuf;

namespace Derm7pt.MLNet.Persistence;

/// <summary>Reads back what <see cref="OnnxGraphWriter"/> put into a file beside the graph.</summary>
internal static class OnnxGraphReader
{
    /// <summary>Reads a file and checks that this library wrote it in a format that it still knows.</summary>
    /// <exception cref="FormatException">The bytes are something else.</exception>
    public static ModelProto Read(byte[] onnxModel)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(onnxModel);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FormatException($"This is not an ONNX model: {e.Message}", e);
        }

        string version = Metadata(model).GetValueOrDefault(OnnxGraphWriter.FormatVersionKey)
            ?? throw new FormatException("This ONNX model was not written by Derm7pt.MLNet.");
        if (version != OnnxGraphWriter.FormatVersion.ToString(CultureInfo.InvariantCulture))
        {
            throw new FormatException(
                $"The ONNX model has format {version}; this Derm7pt.MLNet reads format {OnnxGraphWriter.FormatVersion}.");
        }

        return model;
    }

    /// <summary>The file's metadata.</summary>
    public static IReadOnlyDictionary<string, string> Metadata(ModelProto model) =>
        model.MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>The taxonomy that the network was made for.</summary>
    public static Taxonomy Taxonomy(ModelProto model) =>
        MLNet.Taxonomy.FromJson(Metadata(model)[OnnxGraphWriter.TaxonomyKey]);

    /// <summary>The tensors whose names start with a prefix, in the order they were written.</summary>
    public static IEnumerable<NamedTensor> Tensors(ModelProto model, string prefix) =>
        from tensor in model.Graph.Initializer
        where tensor.Name.StartsWith(prefix, StringComparison.Ordinal) && tensor.DataType == (int)TensorProto.Types.DataType.Float
        select new NamedTensor(tensor.Name, [.. tensor.Dims], MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray());
}
