using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Tasks;
using Google.Protobuf;

namespace Derm7pt.MLNet.Models;

/// <summary>The ONNX form of a <see cref="MultiTaskModel"/>: the graph, and in its metadata all that is needed to go on training.</summary>
/// <remarks>
/// The file ends with a seal, one more entry of its metadata that holds the SHA-256 of all bytes before it. It distinguishes a
/// damaged file from a whole one; against forgery it is no help, so a reader checks everything else too.
/// </remarks>
internal static class ModelFile
{
    /// <summary>Raised when a reader of older files could misread a newer one.</summary>
    /// <remarks>
    /// <para>
    /// A file of format 4 may hold an ensemble, and a network whose scores are means over views of an image. It has a member's path before
    /// the names of its tensors, and before the keys of its history and recipe. A model that is neither is written as format 3, so that
    /// older versions read it.
    /// </para>
    /// <para>
    /// Formats 1 and 2 held two copies of the weights, one as trained and one as scored, <see cref="ShapeKey"/> in place of
    /// <see cref="NetworkKey"/>, and <see cref="OldTrainingOptionsKey"/> in place of <see cref="RecipeKey"/> and
    /// <see cref="TrainingDetailsKey"/>. A model that was read from such a file and is written again has no recipe.
    /// </para>
    /// </remarks>
    public const int FormatVersion = 4;

    /// <summary>The format of a model without members and views.</summary>
    public const int SingleModelVersion = 3;

    /// <summary>In files of formats 1 and 2 the tensors of the network's state have this before their names.</summary>
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

    /// <summary>The version of this library, as it is written into files.</summary>
    public static string LibraryVersion { get; } =
        typeof(ModelFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Writes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">The columns that it was fitted on; <see cref="FittedInput.Default"/> where null.</param>
    public static byte[] Write(MultiTaskModel model, FittedInput? input = null)
    {
        (GraphProto graph, int opsetVersion) = ModelGraph.Create(model);
        var file = new ModelProto
        {
            IrVersion = GraphBuilder.IrVersion,
            ProducerName = "Derm7pt.MLNet",
            ProducerVersion = LibraryVersion,
            DocString = Documentation,
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

    /// <summary>The key of a member's entry: that of a single model, or with the member's path where there are several.</summary>
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
