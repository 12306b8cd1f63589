using System.Globalization;
using CsvHelper;
using Derm7pt.MLNet.Scoring;

namespace Derm7pt.MLNet.Data;

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
    private readonly ProblemList _problems;
    private readonly List<Derm7ptReleaseProblem> _warnings = [];
    private readonly FolderIndex _index = new();

    // For each column of the schema the task that reads it, or -1.
    private readonly int[] _taskOfColumn;

    public ReleaseReader(string folder, ReleaseSchema schema, Taxonomy taxonomy, bool checkImages, int reportAtMost)
    {
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        (_schema, _taxonomy, _checkImages) = (schema, taxonomy, checkImages);
        _problems = new ProblemList(reportAtMost);
        _taskOfColumn = AssignTasks(schema, taxonomy);
    }

    public Derm7ptRelease Read()
    {
        if (!Directory.Exists(_folder))
        {
            _problems.Add(new(".", null, null, _folder, "the folder is missing", $"a folder with {_schema.MetaFile} and {_schema.ImagesFolder}/"));
            _problems.ThrowIfAny(_folder);
        }

        ReleaseTable? meta = ReadTable(_schema.MetaFile, [.. _schema.Columns.Select(column => column.Name)]);
        var cases = new Cases(meta?.RowCount ?? 0, _schema.Columns.Count, _taxonomy.Tasks.Count);
        if (meta is not null)
        {
            ReadCases(meta, cases);
            CheckCaseNumbers(meta, cases);
        }

        int[][] splits = ReadSplits(meta);
        if (meta is not null)
            FindImages(meta, cases);

        _problems.ThrowIfAny(_folder);
        return Build(cases, splits);
    }

    private static int[] AssignTasks(ReleaseSchema schema, Taxonomy taxonomy)
    {
        int[] taskOfColumn = [.. Enumerable.Repeat(-1, schema.Columns.Count)];
        for (int task = 0; task < taxonomy.Tasks.Count; task++)
        {
            (string name, string read) = (taxonomy.Tasks[task].Name, taxonomy.Tasks[task].Column);
            int column = schema.Columns.ToList().FindIndex(
                c => c.Name == read && c.Role is (ReleaseColumnRole.Label or ReleaseColumnRole.Metadata));
            if (column < 0)
            {
                IEnumerable<string> readable = schema.Columns
                    .Where(c => c.Role is ReleaseColumnRole.Label or ReleaseColumnRole.Metadata)
                    .Select(c => c.Name);
                throw new ArgumentException(
                    $"Task '{name}' reads the column '{read}', but the columns with labels or metadata are {Quoting.List(readable)}.",
                    nameof(taxonomy));
            }

            taskOfColumn[column] = task;
        }

        string? twice = schema.Columns.Where((column, c) => taskOfColumn[c] < 0 && column.Output is not null).Select(column => column.Output!)
            .Concat(taxonomy.Tasks.Select(ColumnNames.Label))
            .Concat(taxonomy.Tasks.Select(ColumnNames.RawValue))
            .GroupBy(name => name)
            .FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null
            ? taskOfColumn
            : throw new ArgumentException($"The name of a task leads to two columns '{twice}' in the data view.", nameof(taxonomy));
    }

    private ReleaseTable? ReadTable(string file, IReadOnlyList<string> columns)
    {
        string? path = Locate(file, isFolder: false);
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

    /// <summary>Finds a file or folder of the release, whatever its letter case; null where that failed and was reported.</summary>
    private string? Locate(string name, bool isFolder)
    {
        string what = isFolder ? "folder" : "file";
        try
        {
            _ = RelativeName.TrySplit(name, out IReadOnlyList<string> parts);
            switch (_index.Find(_folder, parts, isFolder))
            {
                case []:
                    _problems.Add(new(name, null, null, null, $"the {what} is missing", $"it below the release's folder{Hint()}"));
                    return null;
                case [string path]:
                    string found = Below(_folder, path);
                    if (found != name)
                        _warnings.Add(new(name, null, null, found, $"the {what} has another letter case on disk:", $"'{name}'"));
                    return path;
                case var several:
                    _problems.Add(Ambiguous(name, null, null, null, several, _folder));
                    return null;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems.Add(new(name, null, null, null, $"the {what} cannot be looked up ({e.Message})", "readable folders"));
            return null;
        }
    }

    /// <summary>Helps where the folder that was given is the one around the release.</summary>
    private string Hint()
    {
        string? below = Directory.EnumerateDirectories(_folder).FirstOrDefault(folder => File.Exists(Path.Combine(folder, _schema.MetaFile)));
        return below is null ? "" : $"; there is a release in '{below}'";
    }

    private void ReadCases(ReleaseTable meta, Cases cases)
    {
        if (meta.RowCount == 0)
            _problems.Add(new(meta.File, null, null, null, "there is no case", "a row for each case"));

        // Where a label column is left out of the taxonomy, the labels' scores do not add up to the checklist's.
        bool isWholeChecklist = !_schema.Columns.Where((column, c) => column.Role == ReleaseColumnRole.Label && _taskOfColumn[c] < 0).Any();
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

            if (isWholeChecklist)
                CompareScore(meta, cases, row);
        }
    }

    private void ReadValue(ReleaseTable meta, Cases cases, int row, int column, string value)
    {
        ReleaseColumn described = _schema.Columns[column];
        if (_taskOfColumn[column] >= 0)
        {
            ClassificationTask task = _taxonomy.Tasks[_taskOfColumn[column]];
            if (task.TryGetLabel(value, out int label))
                cases.Keys[_taskOfColumn[column]][row] = (uint)label + 1; // Keys are 1-based; 0 is missing.
            else
                Report(value.Length == 0 ? "the label is empty" : "unknown label value", Accepted(task, value));
        }
        else if (described.Role == ReleaseColumnRole.SevenPointScore)
        {
            if (float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float score) && float.IsFinite(score))
                cases.StoredScores[row] = score;
            else
                Report(value.Length == 0 ? "the score is empty" : "not a number", "a number such as 3");
        }
        else if (value.Length == 0 && !described.Optional && described.Role == ReleaseColumnRole.Metadata)
        {
            _warnings.Add(new(meta.File, meta.Line(row), described.Name, null, "the value is empty", "a value"));
        }
        else if (value.Length == 0 && !described.Optional && described.Role != ReleaseColumnRole.Label)
        {
            Report("the value is empty", described.Role == ReleaseColumnRole.CaseNumber ? "a case number" : "the name of an image");
        }

        void Report(string message, string expected) =>
            _problems.Add(new(meta.File, meta.Line(row), described.Name, value.Length == 0 ? null : value, message, expected));
    }

    private static string Accepted(ClassificationTask task, string value)
    {
        List<string> accepted = [.. task.Labels.SelectMany(label => label.RawValues)];
        string? meant = value.Length == 0 ? null : NearestName.Find(value, accepted);
        return (meant is null ? "one of " : $"'{meant}' perhaps, or another of ") + Quoting.List(accepted);
    }

    private void CompareScore(ReleaseTable meta, Cases cases, int row)
    {
        ReleaseColumn column = _schema.Column(ReleaseColumnRole.SevenPointScore);
        int[] labels = [.. cases.Keys.Select(keys => (int)keys[row] - 1)];
        if (labels.Contains(-1) || float.IsNaN(cases.StoredScores[row]))
            return;
        int sum = _taxonomy.SevenPointScore(labels);
        if (cases.StoredScores[row] != sum)
        {
            string stored = cases.StoredScores[row].ToString(CultureInfo.InvariantCulture);
            _warnings.Add(new(
                meta.File, meta.Line(row), column.Name, stored, "the stored score is not the sum of the labels' scores:", $"{sum}"));
        }
    }

    private void CheckCaseNumbers(ReleaseTable meta, Cases cases)
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
                    "duplicated case number", $"a number of its own; line {lines[number]} has this one"));
            }
        }
    }

    private int[][] ReadSplits(ReleaseTable? meta)
    {
        var places = new Dictionary<int, (int Split, int Line)>();
        var splits = new int[_schema.Splits.Count][];
        for (int split = 0; split < splits.Length; split++)
        {
            ReleaseSplit described = _schema.Splits[split];
            ReleaseTable? table = ReadTable(described.File, [described.Column]);
            splits[split] = table is null ? [] : ReadSplit(table, split, meta, places);
            if (table?.RowCount == 0)
                _warnings.Add(new(described.File, null, null, null, $"the split '{described.Name}' has no case", "row numbers below the header"));
        }

        for (int row = 0; row < meta?.RowCount; row++)
        {
            if (!places.ContainsKey(row))
                _warnings.Add(new(meta.File, meta.Line(row), null, null, "the case is in no split", $"its row number {row} in one of the index files"));
        }

        return splits;
    }

    private int[] ReadSplit(ReleaseTable table, int split, ReleaseTable? meta, Dictionary<int, (int Split, int Line)> places)
    {
        string column = _schema.Splits[split].Column;
        string range = meta is null
            ? $"the zero-based number of a row of {_schema.MetaFile}"
            : $"the zero-based number of a row of {_schema.MetaFile}, 0 to {meta.RowCount - 1}";
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
                Report("duplicated row number", $"each row once; line {place.Line} has this one");
            else
                Report("the case is in two splits", $"each case in one split; {_schema.Splits[place.Split].File}, line {place.Line} has this one");

            void Report(string message, string expected) => _problems.Add(new(table.File, table.Line(line), column, value, message, expected));
        }

        return [.. rows];
    }

    private void FindImages(ReleaseTable meta, Cases cases)
    {
        string? images = _checkImages ? Locate(_schema.ImagesFolder, isFolder: true) : Path.Combine(_folder, _schema.ImagesFolder);
        for (int row = 0; row < meta.RowCount; row++)
        {
            for (int column = 0; column < _schema.Columns.Count; column++)
            {
                bool isImage = _schema.Columns[column].Role is ReleaseColumnRole.DermoscopicImage or ReleaseColumnRole.ClinicalImage;
                if (isImage && cases.Texts[column][row].Length > 0)
                    cases.Texts[column][row] = FindImage(images, meta, row, column, cases.Texts[column][row]);
            }
        }
    }

    /// <summary>The full path of an image; without a folder to look into, only the name's form is checked.</summary>
    private string FindImage(string? images, ReleaseTable meta, int row, int column, string name)
    {
        (string file, int line, string header) = (meta.File, meta.Line(row), _schema.Columns[column].Name);
        if (!RelativeName.TrySplit(name, out IReadOnlyList<string> parts))
        {
            _problems.Add(new(file, line, header, name, "the path leads out of the images folder:", $"a file below {_schema.ImagesFolder}/"));
            return "";
        }

        if (images is null || !_checkImages)
            return Path.Combine([images ?? "", .. parts]);

        IReadOnlyList<string> matches;
        try
        {
            matches = _index.Find(images, parts, isFolder: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems.Add(new(file, line, header, name, $"the image's folder cannot be read ({e.Message}):", "a readable folder"));
            return "";
        }

        switch (matches)
        {
            case []:
                _problems.Add(new(file, line, header, name, "the image file is missing:", $"the file below {_schema.ImagesFolder}/"));
                return "";
            case [string path]:
                string found = Below(images, path);
                string wanted = string.Join('/', parts);
                if (found != wanted)
                    _warnings.Add(new(file, line, header, name, "the image has another letter case on disk:", $"'{found}'"));
                return path;
            default:
                _problems.Add(Ambiguous(file, line, header, name, matches, images));
                return "";
        }
    }

    private static string Below(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    private static Derm7ptReleaseProblem Ambiguous(
        string file, int? line, string? column, string? value, IReadOnlyList<string> matches, string folder) =>
        new(
            file, line, column, value, "more than one file has this name in another letter case:",
            $"one of {Quoting.List(matches.Select(match => Below(folder, match)))}, in its own letter case");

    private Derm7ptRelease Build(Cases cases, int[][] splits)
    {
        ColumnarDataView all = BuildView(cases);
        int[] Rows(string split) => splits[_schema.SplitIndex(split)];
        int[] everyRow = [.. Enumerable.Range(0, cases.Count)];
        int CountOf(int task, int label, int[] rows) => rows.Count(row => cases.Keys[task][row] == label + 1);
        return new Derm7ptRelease(_folder, _taxonomy)
        {
            All = all,
            Train = all.Subset(Rows(Train)),
            Validation = all.Subset(Rows(Validation)),
            Test = all.Subset(Rows(Test)),
            LabelCounts = [.. _taxonomy.Tasks.SelectMany((task, t) => task.Labels.Select((label, l) => new Derm7ptLabelCount(
                task, label, CountOf(t, l, Rows(Train)), CountOf(t, l, Rows(Validation)), CountOf(t, l, Rows(Test)), CountOf(t, l, everyRow))))],
            Warnings = _warnings,
        };
    }

    private ColumnarDataView BuildView(Cases cases)
    {
        // What a user looks at first comes first: images, case, labels.
        var view = new ColumnarDataView.Builder(cases.Count);
        AddTexts(ReleaseColumnRole.DermoscopicImage);
        AddTexts(ReleaseColumnRole.ClinicalImage);
        AddTexts(ReleaseColumnRole.CaseNumber);
        for (int task = 0; task < _taxonomy.Tasks.Count; task++)
        {
            view.AddKey(
                ColumnNames.Label(_taxonomy.Tasks[task]), cases.Keys[task], [.. _taxonomy.Tasks[task].Labels.Select(label => label.Name)]);
        }

        view.AddSingle(_schema.Column(ReleaseColumnRole.SevenPointScore).Output!, cases.StoredScores);
        for (int task = 0; task < _taxonomy.Tasks.Count; task++)
            view.AddText(ColumnNames.RawValue(_taxonomy.Tasks[task]), cases.Texts[Array.IndexOf(_taskOfColumn, task)]);
        AddTexts(ReleaseColumnRole.Metadata);
        return view.Build();

        void AddTexts(ReleaseColumnRole role)
        {
            for (int column = 0; column < _schema.Columns.Count; column++)
            {
                if (_schema.Columns[column].Role == role && _taskOfColumn[column] < 0)
                    view.AddText(_schema.Columns[column].Output!, cases.Texts[column]);
            }
        }
    }

    /// <summary>The table's values, column by column, under the schema's columns and the taxonomy's tasks.</summary>
    private sealed class Cases(int count, int columns, int tasks)
    {
        public int Count => count;

        public string[][] Texts { get; } = NewColumns(columns, count, "");

        public uint[][] Keys { get; } = NewColumns(tasks, count, 0u);

        public float[] StoredScores { get; } = NewColumns(1, count, float.NaN)[0];

        private static T[][] NewColumns<T>(int columns, int rows, T value) =>
            [.. Enumerable.Range(0, columns).Select(_ => Enumerable.Repeat(value, rows).ToArray())];
    }
}
