using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>Writes results as JSON.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <returns>The file.</returns>
    public static string Write(DirectoryInfo folder, Results results)
    {
        folder.Create();
        string path = Path.Combine(folder.FullName, "benchmarks.json");
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(results, Json));
        return path;
    }
}
