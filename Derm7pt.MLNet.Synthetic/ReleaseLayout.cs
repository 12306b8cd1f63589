using System.Text.Json;
using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>Names of files and columns, read from the same <c>data-schema/release.json</c> that the reader follows.</summary>
internal sealed record ReleaseLayout(
    string ImagesFolder, string MetaFile, IReadOnlyList<SplitFile> Splits, IReadOnlyList<string> Columns)
{
    public static ReleaseLayout Read()
    {
        using JsonDocument document = JsonDocument.Parse(DataSchema.Read("release.json"));
        JsonElement root = document.RootElement;
        return new ReleaseLayout(
            Text(root, "imagesFolder"),
            Text(root, "metaFile"),
            [.. root.GetProperty("splits").EnumerateArray().Select(split => new SplitFile(Text(split, "name"), Text(split, "file"), Text(split, "column")))],
            [.. root.GetProperty("columns").EnumerateArray().Select(column => Text(column, "name"))]);

        static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;
    }
}

/// <summary>The file that lists the rows of one split.</summary>
internal sealed record SplitFile(string Name, string File, string Column);
