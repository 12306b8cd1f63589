using CsvHelper;

namespace Derm7pt.MLNet.Releases;

/// <summary>One record of a CSV file.</summary>
/// <param name="Line">The line it begins on, counted from 1.</param>
/// <param name="Fields">The fields without outer white space.</param>
/// <param name="QuotingFault">What is wrong with its quotes, or null.</param>
internal sealed record CsvRecord(int Line, string[] Fields, string? QuotingFault);

/// <summary>Reads comma-separated UTF-8 text. Blank lines are skipped, as most tools that number rows do.</summary>
internal static class CsvFile
{
    public static List<CsvRecord> Read(string path)
    {
        var faults = new Dictionary<long, string>();
        var options = new CsvReaderOptions
        {
            Separator = ',',
            HasHeader = false,
            TrimWhitespace = true,
            TrimInsideQuotes = true,
            TrackLineNumbers = true,
            OnMalformedRecord = record => faults.TryAdd(record.LineNumber, Describe(record.Reason)),
        };
        using FileStream file = File.OpenRead(path);
        using CsvReader reader = CsvReader.Create(file, options);

        var records = new List<(int Line, string[] Fields)>();
        while (reader.Read())
        {
            string[] fields = reader.Current.ToArray();
            if (fields is not ([] or [""]))
                records.Add(((int)reader.LineNumber, fields));
        }

        return [.. records.Select(record => new CsvRecord(record.Line, record.Fields, faults.GetValueOrDefault(record.Line)))];
    }

    private static string Describe(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.StrayQuote => "a quote within an unquoted field",
        CsvMalformedReason.TextAfterClosingQuote => "text after a closing quote",
        CsvMalformedReason.UnterminatedQuote => "a quote that is never closed",
        _ => $"malformed quotes ({reason})",
    };
}
