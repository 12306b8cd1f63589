using System.Globalization;
using CsvHelper;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;

namespace Derm7pt.MLNet.Releases;

/// <summary>Reads a release as a schema and a taxonomy describe it, and gathers all its problems before it throws.</summary>
internal sealed class ReleaseReader
{
    private const string Train = "train";
    private const string Validation = "validation";
    private const string Test = "test";

    private readonly string _folder;
    private readonly ReleaseSchema _schema;
    private readonly Taxonomy _taxonomy;
    private readonly bool _checkImages;
    private readonly int _reportAtMost;
    private readonly ProblemList _problems;
    private readonly List<Derm7ptReleaseProblem> _warnings = [];
    private readonly ReleaseFiles _files;

    // For each column of the schema the task that reads it, or -1.
    private readonly int[] _taskOfColumn;

    // The score of the checklist is not meaningful if the taxonomy does not use all label columns.
    private readonly bool _readsAllLabels;

    public ReleaseReader(string folder, ReleaseSchema schema, Taxonomy taxonomy, bool checkImages, int reportAtMost)
    {
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        (_schema, _taxonomy, _checkImages, _reportAtMost) = (schema, taxonomy, checkImages, reportAtMost);
        _problems = new ProblemList(reportAtMost);
        _files = new ReleaseFiles(_folder, schema, _problems, _warnings);
        _taskOfColumn = AssignTasks(schema, taxonomy);
        _readsAllLabels = schema.Columns.Zip(_taskOfColumn).All(c => c.First.Role != ReleaseColumnRole.Label || c.Second >= 0);
    }

    public Derm7ptRelease Read()
    {
        if (!Directory.Exists(_folder))
        {
            string expected = $"a folder with {_schema.MetaFile} and {_schema.ImagesFolder}/";
            _problems.Add(new(".", null, null, _folder, "the folder is missing", expected));
            _problems.ThrowIfAny(_folder);
        }

        ReleaseTable? meta = ReadTable(_schema.MetaFile, [.. _schema.Columns.Select(column => column.Name)]);
        var cases = new ReleaseCases(_schema, _taxonomy, _taskOfColumn, meta?.RowCount ?? 0);
        if (meta is not null)
        {
            ReadCases(meta, cases);
            CheckCaseNumbers(meta, cases);
        }

        // Images are checked last, because many missing images would displace other problems in the report.
        int[][] splits = ReadSplits(meta);
        if (meta is not null)
            FindImages(meta, cases);

        _problems.ThrowIfAny(_folder);
        // Leakage comes first, because it is more important than all other warnings.
        _warnings.InsertRange(0, SharedCases.Find(_schema, meta!, cases, splits, _checkImages, _reportAtMost));
        return Build(cases, splits);
    }

    private static int[] AssignTasks(ReleaseSchema schema, Taxonomy taxonomy)
    {
        int[] taskOfColumn = [.. Enumerable.Repeat(-1, schema.Columns.Count)];
        for (int task = 0; task < taxonomy.Tasks.Count; task++)
        {
            (string name, string read) = (taxonomy.Tasks[task].Name, taxonomy.Tasks[task].Column);
            int column = schema.Columns.ToList().FindIndex(c => c.Name == read && IsReadable(c));
            if (column < 0)
            {
                string readable = Quoting.List(schema.Columns.Where(IsReadable).Select(c => c.Name));
                throw new ArgumentException(
                    $"Task '{name}' reads the column '{read}', but the columns with labels or metadata are {readable}.",
                    nameof(taxonomy));
            }

            taskOfColumn[column] = task;
        }

        string? twice = schema.Columns
            .Where((column, c) => taskOfColumn[c] < 0 && column.Output is not null)
            .Select(column => column.Output!)
            .Concat(taxonomy.Tasks.Select(ColumnNames.Label))
            .Concat(taxonomy.Tasks.Select(ColumnNames.RawValue))
            .GroupBy(name => name)
            .FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            throw new ArgumentException($"A task's name leads to two columns '{twice}' in the data view.", nameof(taxonomy));
        return taskOfColumn;

        static bool IsReadable(ReleaseColumn column) => column.Role is ReleaseColumnRole.Label or ReleaseColumnRole.Metadata;
    }

    private ReleaseTable? ReadTable(string file, IReadOnlyList<string> columns)
    {
        string? path = _files.Locate(file, isFolder: false);
        try
        {
            return path is null ? null : ReleaseTable.Check(file, CsvFile.Read(path), columns, _problems);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CsvFormatException)
        {
            _problems.Add(new(file, null, null, null, $"the file cannot be read ({e.Message})", "a readable file"));
            return null;
        }
    }

    private void ReadCases(ReleaseTable meta, ReleaseCases cases)
    {
        if (meta.RowCount == 0)
            _problems.Add(new(meta.File, null, null, null, "there is no case", "a row for each case"));

        for (int row = 0; row < meta.RowCount; row++)
        {
            if (!meta.IsWhole(row))
                continue;
            for (int column = 0; column < _schema.Columns.Count; column++)
            {
                if (meta.TryGetValue(row, _schema.Columns[column].Name, out string value))
                {
                    cases.Texts[column][row] = value;
                    ReadValue(meta, cases, row, column, value);
                }
            }

            if (_readsAllLabels)
                CompareScore(meta, cases, row);
        }
    }

    private void ReadValue(ReleaseTable meta, ReleaseCases cases, int row, int column, string value)
    {
        (ReleaseColumn described, int task, bool isEmpty) = (_schema.Columns[column], _taskOfColumn[column], value.Length == 0);
        if (task >= 0)
        {
            if (_taxonomy.Tasks[task].TryGetLabel(value, out int label))
                cases.Keys[task][row] = (uint)label + 1; // Keys are 1-based; 0 is missing.
            else
                _problems.Add(At(isEmpty ? "the label is empty" : "unknown label value", Accepted(_taxonomy.Tasks[task], value)));
            return;
        }

        switch (described.Role)
        {
            case ReleaseColumnRole.SevenPointScore:
                if (float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float score) && float.IsFinite(score))
                    cases.StoredScores[row] = score;
                else
                    _problems.Add(At(isEmpty ? "the score is empty" : "not a number", "a number such as 3"));
                break;
            case ReleaseColumnRole.CaseNumber when isEmpty:
                _problems.Add(At("the value is empty", "a case number"));
                break;
            case ReleaseColumnRole.ClinicalImage or ReleaseColumnRole.DermoscopicImage when isEmpty:
                _problems.Add(At("the value is empty", "the name of an image"));
                break;
            case ReleaseColumnRole.Metadata when isEmpty && !described.Optional:
                _warnings.Add(At("the value is empty", "a value"));
                break;
        }

        Derm7ptReleaseProblem At(string message, string expected) =>
            new(meta.File, meta.Line(row), described.Name, isEmpty ? null : value, message, expected);
    }

    private static string Accepted(ClassificationTask task, string value)
    {
        List<string> accepted = [.. task.Labels.SelectMany(label => label.RawValues)];
        string? meant = value.Length == 0 ? null : NearestName.Find(value, accepted);
        return (meant is null ? "one of " : $"'{meant}' perhaps, or another of ") + Quoting.List(accepted);
    }

    private void CompareScore(ReleaseTable meta, ReleaseCases cases, int row)
    {
        (int[] labels, float stored) = (cases.Labels(row), cases.StoredScores[row]);
        if (labels.Contains(-1) || float.IsNaN(stored) || _taxonomy.SevenPointScore(labels) is var sum && stored == sum)
            return;
        string column = _schema.Column(ReleaseColumnRole.SevenPointScore).Name;
        _warnings.Add(new(
            meta.File, meta.Line(row), column, stored.ToString(CultureInfo.InvariantCulture),
            "the stored score is not the sum of the labels' scores:", Invariant($"{sum}")));
    }

    private void CheckCaseNumbers(ReleaseTable meta, ReleaseCases cases)
    {
        int column = _schema.Columns.ToList().FindIndex(c => c.Role == ReleaseColumnRole.CaseNumber);
        var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (int row = 0; row < meta.RowCount; row++)
        {
            string number = cases.Texts[column][row];
            if (number.Length > 0 && !lines.TryAdd(number, meta.Line(row)))
            {
                _problems.Add(new(
                    meta.File, meta.Line(row), _schema.Columns[column].Name, number,
                    "duplicated case number", Invariant($"a number of its own; line {lines[number]} has this one")));
            }
        }
    }

    private int[][] ReadSplits(ReleaseTable? meta)
    {
        var places = new Dictionary<int, (int Split, int Line)>();
        var splits = new int[_schema.Splits.Count][];
        for (int split = 0; split < splits.Length; split++)
        {
            (string name, string file, string column) = _schema.Splits[split];
            ReleaseTable? table = ReadTable(file, [column]);
            splits[split] = table is null ? [] : ReadSplit(table, split, meta, places);
            if (table?.RowCount == 0)
                _warnings.Add(new(file, null, null, null, $"the split '{name}' has no case", "row numbers below the header"));
        }

        for (int row = 0; row < meta?.RowCount; row++)
        {
            string expected = Invariant($"its row number {row} in one of the index files");
            if (!places.ContainsKey(row))
                _warnings.Add(new(meta.File, meta.Line(row), null, null, "the case is in no split", expected));
        }

        return splits;
    }

    private int[] ReadSplit(ReleaseTable table, int split, ReleaseTable? meta, Dictionary<int, (int Split, int Line)> places)
    {
        string column = _schema.Splits[split].Column;
        string bounds = meta is null ? "" : Invariant($", 0 to {meta.RowCount - 1}");
        string range = $"the zero-based number of a row of {_schema.MetaFile}{bounds}";
        var rows = new List<int>();
        for (int line = 0; line < table.RowCount; line++)
        {
            if (!table.IsWhole(line) || !table.TryGetValue(line, column, out string value))
                continue;
            if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long index))
                Report("not a whole number", range);
            else if (index < 0)
                Report("negative row number", range);
            else if (index > int.MaxValue || index >= meta?.RowCount)
                Report("row number out of range", range);
            else if (places.TryAdd((int)index, (split, table.Line(line))))
                rows.Add((int)index);
            else if (places[(int)index] is var place && place.Split == split)
                Report("duplicated row number", Invariant($"each row once; line {place.Line} has this one"));
            else
                Report("the case is in two splits", Invariant($"each case in one; {Other(place.Split)}, line {place.Line} has this one"));

            void Report(string message, string expected) =>
                _problems.Add(new(table.File, table.Line(line), column, value, message, expected));
        }

        return [.. rows];

        string Other(int otherSplit) => _schema.Splits[otherSplit].File;
    }

    private void FindImages(ReleaseTable meta, ReleaseCases cases)
    {
        string folder = _schema.ImagesFolder;
        string? images = _checkImages ? _files.Locate(folder, isFolder: true) : Path.Combine(_folder, folder);
        for (int row = 0; row < meta.RowCount; row++)
        {
            for (int column = 0; column < _schema.Columns.Count; column++)
            {
                (ReleaseColumn described, string name) = (_schema.Columns[column], cases.Texts[column][row]);
                bool isImage = described.Role is ReleaseColumnRole.DermoscopicImage or ReleaseColumnRole.ClinicalImage;
                if (!isImage || name.Length == 0)
                    continue;
                int line = meta.Line(row);
                cases.Texts[column][row] = _files.FindImage(
                    images, _checkImages, name,
                    at: (message, expected) => new(meta.File, line, described.Name, name, message, expected));
            }
        }
    }

    private Derm7ptRelease Build(ReleaseCases cases, int[][] splits)
    {
        ColumnarDataView all = cases.ToDataView();
        int[] everyRow = [.. Enumerable.Range(0, cases.Count)];
        int[] train = splits[_schema.SplitIndex(Train)];
        int[] validation = splits[_schema.SplitIndex(Validation)];
        int[] test = splits[_schema.SplitIndex(Test)];

        var counts = new List<Derm7ptLabelCount>(_taxonomy.LabelCount);
        for (int task = 0; task < _taxonomy.Tasks.Count; task++)
        {
            for (int label = 0; label < _taxonomy.Tasks[task].Labels.Count; label++)
            {
                counts.Add(new Derm7ptLabelCount(
                    _taxonomy.Tasks[task],
                    _taxonomy.Tasks[task].Labels[label],
                    cases.CountLabel(task, label, train),
                    cases.CountLabel(task, label, validation),
                    cases.CountLabel(task, label, test),
                    cases.CountLabel(task, label, everyRow)));
            }
        }

        return new Derm7ptRelease(
            _folder, _taxonomy, (all, all.Subset(train), all.Subset(validation), all.Subset(test)), counts, _warnings);
    }
}
