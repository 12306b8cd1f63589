using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Formats numbers for export. NaN and infinity, which JSON does not have, are null in JSON and empty in CSV.</summary>
internal static class Export
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        // The text is not embedded in HTML, so non-ASCII letters of names are not escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Text(JsonNode node) => node.ToJsonString(Indented);

    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    public static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> node) => [.. items.Select(node)];

    public static JsonObject Object(IEnumerable<(string Name, double Value)> figures)
    {
        var result = new JsonObject();
        foreach ((string name, double value) in figures)
            result[name] = Number(value);
        return result;
    }

    public static string Field(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    public static string Field(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static void Csv(TextWriter writer, IEnumerable<string[]> records)
    {
        using CsvWriter csv = CsvWriter.Create(writer, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        foreach (string[] record in records)
            csv.WriteRecord(record);
    }
}
