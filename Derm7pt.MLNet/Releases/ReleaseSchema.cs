using System.Text.Json;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Releases;

/// <summary>Specifies the purpose of a column of the release's table.</summary>
internal enum ReleaseColumnRole
{
    [JsonStringEnumMemberName("caseNumber")]
    CaseNumber,

    [JsonStringEnumMemberName("label")]
    Label,

    [JsonStringEnumMemberName("sevenPointScore")]
    SevenPointScore,

    [JsonStringEnumMemberName("clinicalImage")]
    ClinicalImage,

    [JsonStringEnumMemberName("dermoscopicImage")]
    DermoscopicImage,

    [JsonStringEnumMemberName("metadata")]
    Metadata,
}

/// <summary>The release on disk as <c>data-schema/release.json</c> describes it: files, columns and their roles.</summary>
internal sealed record ReleaseSchema
{
    private static readonly Lazy<ReleaseSchema> LazyDefault = new(() => Read(DataSchema.Read("release.json")));

    /// <summary>The embedded schema.</summary>
    public static ReleaseSchema Default => LazyDefault.Value;

    public required string Name { get; init; }

    public required int Version { get; init; }

    /// <summary>The folder, below the release's, that image names are relative to.</summary>
    public required string ImagesFolder { get; init; }

    public required string MetaFile { get; init; }

    public required IReadOnlyList<ReleaseSplit> Splits { get; init; }

    public required IReadOnlyList<ReleaseColumn> Columns { get; init; }

    public static ReleaseSchema Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, ReleaseJson.Default.ReleaseSchema) ?? throw new FormatException("The release schema is empty.");

    /// <summary>The one column of a role that only one column has.</summary>
    public ReleaseColumn Column(ReleaseColumnRole role) => Columns.Single(column => column.Role == role);

    public int SplitIndex(string name)
    {
        for (int split = 0; split < Splits.Count; split++)
        {
            if (Splits[split].Name == name)
                return split;
        }

        throw new FormatException($"The release schema '{Name}' has no split '{name}'.");
    }
}

/// <summary>A split: a file with one column of zero-based row numbers.</summary>
internal sealed record ReleaseSplit(string Name, string File, string Column);

/// <summary>A column of the release's table.</summary>
/// <param name="Name">Its name in the header.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Output">The data view's column; null for labels, whose columns are named after their tasks.</param>
/// <param name="Optional">Whether values may be empty.</param>
internal sealed record ReleaseColumn(string Name, ReleaseColumnRole Role, string? Output = null, bool Optional = false);

/// <summary>Provides the source-generated deserialization of the schema.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReleaseSchema))]
internal sealed partial class ReleaseJson : JsonSerializerContext;
