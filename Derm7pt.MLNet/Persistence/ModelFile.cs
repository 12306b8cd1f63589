using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence.Onnx;
using Google.Protobuf;

namespace Derm7pt.MLNet.Persistence;

/// <summary>The ONNX form of a <see cref="MultiTaskModel"/>: the folded graph, with all that is needed to go on training beside it.</summary>
/// <remarks>
/// The file ends with a seal, one more entry of its metadata that holds the SHA-256 of all bytes before it. It tells a
/// damaged file from a whole one; against forgery it is no help, so a reader checks everything else too.
/// </remarks>
internal static class ModelFile
{
    /// <summary>Unfolded tensors carry this before their name.</summary>
    public const string StatePrefix = "state/";

    public const string ShapeKey = "derm7pt.shape";
    public const string HistoryKey = "derm7pt.history";
    public const string ParameterCountKey = "derm7pt.parameter_count";
    public const string InputKey = "derm7pt.input";
    public const string TrainingOptionsKey = "derm7pt.training_options";
    public const string SealKey = "derm7pt.sha256";

    /// <summary>How the metadata are written; what misses a value or has one of the wrong kind is refused.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        AllowDuplicateProperties = false,
        IgnoreReadOnlyProperties = true,
        MaxDepth = 16,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    private static readonly int SealLength = SealOf([]).Length;

    public static byte[] Write(MultiTaskModel model, FittedInput? input = null)
    {
        var metadata = new Dictionary<string, string>
        {
            [ShapeKey] = JsonSerializer.Serialize(model.Shape, Json),
            [HistoryKey] = JsonSerializer.Serialize(model.History, Json),
            [ParameterCountKey] = model.ParameterCount.ToString(CultureInfo.InvariantCulture),
            [TrainingOptionsKey] = JsonSerializer.Serialize(model.TrainingOptions, Json),
            [InputKey] = JsonSerializer.Serialize(input ?? FittedInput.Default, Json),
        };
        IEnumerable<NamedTensor> state = model.State.Select(tensor => tensor with { Name = StatePrefix + tensor.Name });
        return Seal(OnnxGraphWriter.Write(model.Folded, model.Taxonomy, metadata, state).ToByteArray());
    }

    /// <summary>Reads a model file, <c>.zip</c> or <c>.onnx</c>.</summary>
    /// <exception cref="Derm7ptModelException">It is no model file; nothing of it has been used.</exception>
    public static SavedModel Load(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > ModelLimits.FileBytes)
        {
            throw new Derm7ptModelException(
                path, $"it has {stream.Length} bytes, at most {ModelLimits.FileBytes} are allowed.");
        }

        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return Read(content, path);
    }

    /// <summary>Reads the content of a model file.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="path">What to call it in messages.</param>
    /// <exception cref="Derm7ptModelException">It is no model file; nothing of it has been used.</exception>
    public static SavedModel Read(byte[] content, string path)
    {
        try
        {
            if (content.Length == 0)
                throw new FormatException("it is empty.");
            ReadOnlyMemory<byte> onnx = ModelArchive.IsZip(content) ? ModelArchive.ReadNetwork(content) : content;
            return ModelReader.Read(onnx);
        }
        catch (FormatException e)
        {
            throw new Derm7ptModelException(path, e.Message, e);
        }
    }

    /// <summary>Adds the seal to a file that has none.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> unsealed) => [.. unsealed, .. SealOf(unsealed)];

    /// <summary>Takes the seal off, whether it is whole or not.</summary>
    public static ReadOnlySpan<byte> Unseal(ReadOnlySpan<byte> file) => file[..Math.Max(0, file.Length - SealLength)];

    /// <summary>Whether a file is as it was when it was sealed.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> file) => file.EndsWith(SealOf(Unseal(file)));

    // Protocol buffers are merged by being written one after the other.
    private static byte[] SealOf(ReadOnlySpan<byte> unsealed)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(unsealed));
        return new ModelProto { MetadataProps = { new StringStringEntryProto { Key = SealKey, Value = hash } } }.ToByteArray();
    }
}
