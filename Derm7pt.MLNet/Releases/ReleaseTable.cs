using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Releases;

/// <summary>A CSV file of a release whose header and shape were checked.</summary>
internal sealed class ReleaseTable
{
    private readonly Dictionary<string, int> _fieldOfColumn = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<CsvRecord> _records;
    private readonly int _fieldCount;

    private ReleaseTable(string file, IReadOnlyList<CsvRecord> records)
    {
        File = file;
        _records = records;
        _fieldCount = records[0].Fields.Length;
    }

    /// <summary>The file, relative to the release's folder.</summary>
    public string File { get; }

    /// <summary>The number of rows below the header, malformed ones included: they too have a row number.</summary>
    public int RowCount => _records.Count - 1;

    /// <summary>Checks the records of a file against the columns it should have; null if it has no usable header.</summary>
    public static ReleaseTable? Check(
        string file, IReadOnlyList<CsvRecord> records, IReadOnlyList<string> columns, ProblemList problems)
    {
        string header = $"the header {string.Join(',', columns)}";
        if (records.Count == 0)
        {
            problems.Add(new(file, null, null, null, "the file is empty", header));
            return null;
        }

        if (records[0].QuotingFault is string fault)
        {
            problems.Add(new(file, records[0].Line, null, null, fault, header));
            return null;
        }

        if (records[0].Fields is [var only] && columns.Count > 1 && only.AsSpan().ContainsAny(';', '\t'))
        {
            problems.Add(new(file, records[0].Line, null, null, "the fields are not separated by commas", header));
            return null;
        }

        var table = new ReleaseTable(file, records);
        table.CheckHeader(columns, problems);
        table.CheckRows(problems);
        return table;
    }

    public int Line(int row) => _records[row + 1].Line;

    /// <summary>Determines whether a row has as many fields as the header, all of them well quoted.</summary>
    public bool IsWhole(int row) => _records[row + 1] is { QuotingFault: null } record && record.Fields.Length == _fieldCount;

    /// <summary>The value of a column in a whole row; false where the file lacks the column.</summary>
    public bool TryGetValue(int row, string column, out string value)
    {
        bool isThere = _fieldOfColumn.TryGetValue(column, out int field);
        value = isThere ? _records[row + 1].Fields[field] : "";
        return isThere;
    }

    private void CheckHeader(IReadOnlyList<string> columns, ProblemList problems)
    {
        (int line, string[] names) = (_records[0].Line, _records[0].Fields);
        HashSet<string> missing = [.. columns.Except(names)];
        for (int field = 0; field < names.Length; field++)
        {
            string name = names[field];
            if (!columns.Contains(name))
            {
                // A misspelled column is not also reported as missing.
                string? meant = NearestName.Find(name, missing);
                if (meant is not null)
                    missing.Remove(meant);
                string expected = meant is null ? $"only {Quoting.List(columns)}" : $"'{meant}' in its place";
                problems.Add(new(File, line, null, name, "unknown column", expected));
            }
            else if (!_fieldOfColumn.TryAdd(name, field))
            {
                problems.Add(new(File, line, name, null, "the column occurs twice", "each column once"));
            }
        }

        foreach (string column in columns.Where(missing.Contains))
            problems.Add(new(File, line, column, null, "the column is missing", $"a column '{column}' in the header"));
    }

    private void CheckRows(ProblemList problems)
    {
        foreach (CsvRecord record in _records.Skip(1))
        {
            if (record.QuotingFault is not null)
            {
                problems.Add(new(
                    File, record.Line, null, null, record.QuotingFault, "quotes around a whole field, and doubled within it"));
            }
            else if (record.Fields.Length != _fieldCount)
            {
                string much = record.Fields.Length < _fieldCount ? "too few fields" : "too many fields";
                string expected = Invariant($"{_fieldCount}, as many as the header has");
                problems.Add(new(File, record.Line, null, $"{record.Fields.Length}", much, expected));
            }
        }
    }
}
