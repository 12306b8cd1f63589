using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;

namespace ScoreImages;

/// <summary>Writes the results as a table and as JSON Lines. Neither file has its final name before it is complete.</summary>
internal sealed class ResultFiles : IDisposable
{
    private const string FileColumn = "ImagePath";

    private readonly string[] _targets;
    private readonly string[] _partial;
    private readonly CsvWriter _csv;
    private readonly FileStream _lines;
    private readonly Utf8JsonWriter _json;

    public ResultFiles(string output, IReadOnlyList<OutputColumn> columns)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        _targets = [$"{output}.csv", $"{output}.jsonl"];
        // The temporary files are in the same folder, so that the moves at the end stay on one volume.
        _partial = [.. _targets.Select(target => $"{target}.partial-{Guid.NewGuid():N}")];
        try
        {
            _csv = CsvWriter.ToFile(_partial[0], new CsvWriterOptions { NewLine = "\n" });
            _csv.WriteRecord([FileColumn, .. columns.SelectMany(column => column.Header)]);
            _lines = File.Create(_partial[1]);
            // File names stay readable; the file is not part of a web page.
            _json = new Utf8JsonWriter(_lines, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Write(string file, IReadOnlyList<OutputValue> values)
    {
        _csv.WriteRecord([file, .. values.SelectMany(value => value.Fields)]);
        _json.WriteStartObject();
        _json.WriteString(FileColumn, file);
        foreach (OutputValue value in values)
            value.Write(_json);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _lines.WriteByte((byte)'\n');
    }

    /// <summary>Gives the files their final names, and replaces older ones.</summary>
    public void Commit()
    {
        Close();
        foreach ((string partial, string target) in _partial.Zip(_targets))
            File.Move(partial, target, overwrite: true);
    }

    /// <summary>Deletes the files unless <see cref="Commit"/> was called.</summary>
    public void Dispose()
    {
        Close();
        foreach (string partial in _partial)
            File.Delete(partial);
    }

    // This may be called twice, and by a constructor that failed.
    private void Close()
    {
        _json?.Dispose();
        _lines?.Dispose();
        _csv?.Dispose();
    }
}
