using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;

namespace PaperExperiments;

/// <summary>Writes results, completely or not at all; a figure that is not defined is null in JSON and empty in CSV.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        // The text is not meant for HTML; names keep their letters.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(string path, string text)
    {
        string temporary = $"{path}.tmp";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }

    public static void Write(string path, Action<TextWriter> write)
    {
        using var text = new StringWriter { NewLine = "\n" };
        write(text);
        Write(path, text.ToString());
    }

    /// <summary>Writes JSON that begins with the notice.</summary>
    public static void WriteJson(string path, JsonObject root)
    {
        root.Insert(0, "notice", Notice.Text);
        Write(path, root.ToJsonString(Indented) + "\n");
    }

    public static void WriteCsv(string path, IEnumerable<string[]> records) => Write(path, text =>
    {
        using CsvWriter csv = CsvWriter.Create(text, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        foreach (string[] record in records)
            csv.WriteRecord(record);
    });

    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    public static string Field(double value) => double.IsFinite(value) ? $"{value:R}" : "";
}
