using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Tasks;
using Google.Protobuf;

namespace Derm7pt.MLNet.Models;

/// <summary>Reads and writes a <see cref="MultiTaskModel"/> as ONNX: the graph, and metadata with all data needed to continue training.</summary>
/// <remarks>
/// The file ends with a seal, a metadata entry with the SHA-256 of all bytes before it. It detects damage but not forgery, so a
/// reader checks all other content too.
/// </remarks>
internal static class ModelFile
{
    /// <summary>The version of the format. It must be increased when older versions could misread a newer file.</summary>
    /// <remarks>
    /// <para>
    /// A file of format 4 can contain an ensemble, and a network that averages over views of an image. The names of an ensemble's tensors
    /// and the keys of its histories and recipes contain the path of the member. Other models are written in format 3, which older versions
    /// can read.
    /// </para>
    /// <para>
    /// Formats 1 and 2 contained two copies of the weights, one for training and one for scoring, <see cref="ShapeKey"/> instead of
    /// <see cref="NetworkKey"/>, and <see cref="OldTrainingOptionsKey"/> instead of <see cref="RecipeKey"/> and
    /// <see cref="TrainingDetailsKey"/>. A model that was read from such a file and is written again has no recipe.
    /// </para>
    /// </remarks>
    public const int FormatVersion = 4;

    /// <summary>The format of a model that is not an ensemble and does not average over views.</summary>
    public const int SingleModelVersion = 3;

    /// <summary>The prefix of the names of the network's tensors in files of formats 1 and 2.</summary>
    public const string OldStatePrefix = "state/";

    public const string FormatVersionKey = OnnxGraphReader.OwnMetadata + "format";
    public const string LibraryVersionKey = OnnxGraphReader.OwnMetadata + "version";
    public const string TaxonomyKey = OnnxGraphReader.OwnMetadata + "taxonomy";
    public const string LabelsKey = OnnxGraphReader.OwnMetadata + "labels";
    public const string NetworkKey = OnnxGraphReader.OwnMetadata + "network";
    public const string ShapeKey = OnnxGraphReader.OwnMetadata + "shape";
    public const string HistoryKey = OnnxGraphReader.OwnMetadata + "history";
    public const string InputKey = OnnxGraphReader.OwnMetadata + "input";
    public const string RecipeKey = OnnxGraphReader.OwnMetadata + "recipe";
    public const string TrainingDetailsKey = OnnxGraphReader.OwnMetadata + "training_details";
    public const string OldTrainingOptionsKey = OnnxGraphReader.OwnMetadata + "training_options";
    public const string MemberCountKey = OnnxGraphReader.OwnMetadata + "members";
    public const string SealKey = OnnxGraphReader.OwnMetadata + "sha256";

    private const int MachineLearningOpsetVersion = 2;

    private const string Documentation =
        "Gated multi-task network for dermoscopy images. {Task}Score: probabilities of the labels; {Task}PredictedLabel: the zero-based "
        + "label of the highest one; GateAlphas: the gates, [block][taking task, giving task, channel]; SevenPointScore; MelanomaProbability. "
        + "Labels are in the metadata. Research software, not a medical device.";

    private static readonly int SealLength = SealOf([]).Length;

    /// <summary>The version of this library that is written to files.</summary>
    public static string LibraryVersion { get; } =
        typeof(ModelFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Writes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">The columns of the training data; <see cref="FittedInput.Default"/> if null.</param>
    public static byte[] Write(MultiTaskModel model, FittedInput? input = null)
    {
        (GraphProto graph, int opsetVersion) = ModelGraph.Create(model);
        var file = new ModelProto
        {
            IrVersion = GraphBuilder.IrVersion,
            ProducerName = "Derm7pt.MLNet",
            ProducerVersion = LibraryVersion,
            DocString = model.Network.Encoder.File is { } extractor ? $"{Documentation} {extractor.ToNotice()}" : Documentation,
            Graph = graph,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = string.Empty, Version = opsetVersion },
                new OperatorSetIdProto { Domain = GraphOutputs.MachineLearningDomain, Version = MachineLearningOpsetVersion },
            },
        };
        int version = model.IsEnsemble || model.Network.TestTimeAugmentation ? FormatVersion : SingleModelVersion;
        Dictionary<string, string[]> labels = model.Taxonomy.Tasks.ToDictionary(
            task => task.Name, task => task.Labels.Select(label => label.Name).ToArray());
        foreach ((string key, string value) in ((string, string)[])
            [
                (FormatVersionKey, version.ToString(CultureInfo.InvariantCulture)),
                (LibraryVersionKey, LibraryVersion),
                (TaxonomyKey, TaxonomyJson.WriteStored(model.Taxonomy)),
                (LabelsKey, JsonSerializer.Serialize(labels, ModelJson.Default.DictionaryStringStringArray)),
                (NetworkKey, JsonSerializer.Serialize(model.Network, NetworkJson.Default.NetworkSpec)),
                .. MemberMetadata(model),
                (TrainingDetailsKey, JsonSerializer.Serialize(model.TrainingDetails, ModelJson.Default.IReadOnlyDictionaryStringString)),
                (InputKey, JsonSerializer.Serialize(input ?? FittedInput.Default, ModelJson.Default.FittedInput)),
            ])
        {
            file.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return Seal(file.ToByteArray());
    }

    /// <summary>Gets the metadata key of a member's entry, which contains the member's path in the file of an ensemble.</summary>
    /// <param name="key"><see cref="HistoryKey"/> or <see cref="RecipeKey"/>.</param>
    /// <param name="member">The zero-based member of an ensemble; <see langword="null"/> in the file of a single model.</param>
    public static string MemberKey(string key, int? member) => member is { } index
        ? $"{OnnxGraphReader.OwnMetadata}{ModelMember.Path(index)}.{key[OnnxGraphReader.OwnMetadata.Length..]}"
        : key;

    private static IEnumerable<(string Key, string Value)> MemberMetadata(MultiTaskModel model)
    {
        if (model.IsEnsemble)
            yield return (MemberCountKey, model.Members.Length.ToString(CultureInfo.InvariantCulture));
        for (int i = 0; i < model.Members.Length; i++)
        {
            (ModelMember member, int? index) = (model.Members[i], model.IsEnsemble ? i : null);
            yield return (
                MemberKey(HistoryKey, index), JsonSerializer.Serialize(StoredHistory.Of(member.History), ModelJson.Default.StoredHistory));
            if (member.Recipe is { } recipe)
                yield return (MemberKey(RecipeKey, index), recipe.ToJson());
        }
    }

    /// <summary>Reads a model file, <c>.zip</c> or <c>.onnx</c>.</summary>
    /// <exception cref="Derm7ptModelException">The file is not a model file; no part of it has been used.</exception>
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
    /// <param name="path">The name of the file in messages.</param>
    /// <exception cref="Derm7ptModelException">The file is not a model file; no part of it has been used.</exception>
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

    /// <summary>Adds the seal to a file without a seal.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> unsealed) => [.. unsealed, .. SealOf(unsealed)];

    /// <summary>Removes the seal, whether it is valid or not.</summary>
    public static ReadOnlySpan<byte> Unseal(ReadOnlySpan<byte> file) => file[..Math.Max(0, file.Length - SealLength)];

    /// <summary>Determines whether the seal matches the content of a file.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> file) => file.EndsWith(SealOf(Unseal(file)));

    // Concatenated protocol buffer messages are merged.
    private static byte[] SealOf(ReadOnlySpan<byte> unsealed)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(unsealed));
        return new ModelProto { MetadataProps = { new StringStringEntryProto { Key = SealKey, Value = hash } } }.ToByteArray();
    }
}
