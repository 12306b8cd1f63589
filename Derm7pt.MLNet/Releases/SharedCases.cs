namespace Derm7pt.MLNet.Releases;

/// <summary>
/// Finds cases that share a picture or, across splits, a case_id. Where one of them is in the test split and the other is
/// trained on, the results on test cases are too good: the splits leak.
/// </summary>
internal sealed class SharedCases
{
    private const string CaseIdOutput = "CaseId";

    private readonly ReleaseSchema _schema;
    private readonly ReleaseTable _meta;
    private readonly ReleaseCases _cases;

    // For each case the position of its split, or the number of splits where it is in none.
    private readonly int[] _splitOfCase;

    private readonly HashSet<(int, int)> _reported = [];
    private readonly List<(bool Leaks, Derm7ptReleaseProblem Warning)> _found = [];

    private SharedCases(ReleaseSchema schema, ReleaseTable meta, ReleaseCases cases, int[][] splits)
    {
        (_schema, _meta, _cases) = (schema, meta, cases);
        _splitOfCase = [.. Enumerable.Repeat(splits.Length, cases.Count)];
        for (int split = 0; split < splits.Length; split++)
        {
            foreach (int row in splits[split])
                _splitOfCase[row] = split;
        }
    }

    /// <summary>Describes each case that shares something with a case before it, leakage between splits first.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="meta">The table of cases.</param>
    /// <param name="cases">The cases, with the paths of their images.</param>
    /// <param name="splits">For each split its rows.</param>
    /// <param name="readImages">Whether the images exist and may be compared byte by byte; otherwise their names are compared.</param>
    /// <param name="reportAtMost">The number of cases to describe; the rest is only counted.</param>
    public static IReadOnlyList<Derm7ptReleaseProblem> Find(
        ReleaseSchema schema, ReleaseTable meta, ReleaseCases cases, int[][] splits, bool readImages, int reportAtMost)
    {
        var shared = new SharedCases(schema, meta, cases, splits);
        shared.FindPictures(readImages);
        shared.FindCaseIds();
        List<Derm7ptReleaseProblem> warnings =
            [.. shared._found.OrderByDescending(found => found.Leaks).ThenBy(found => found.Warning.Line).Select(found => found.Warning)];
        if (warnings.Count <= reportAtMost)
            return warnings;
        string rest = Invariant($"{warnings.Count - reportAtMost} more cases share a picture or a case_id with another case");
        return [.. warnings.Take(reportAtMost), new(meta.File, null, null, null, rest, "none")];
    }

    private void FindPictures(bool readImages)
    {
        IEnumerable<Place> places =
            from column in Enumerable.Range(0, _schema.Columns.Count)
            where _schema.Columns[column].Role is ReleaseColumnRole.DermoscopicImage or ReleaseColumnRole.ClinicalImage
            from row in Enumerable.Range(0, _cases.Count)
            where _cases.Texts[column][row].Length > 0
            select new Place(row, column);

        // Two cases that share both images are reported by the dermoscopic ones, which are what is learned from.
        IEnumerable<IReadOnlyList<Place>> groups = SharedPictures
            .Group(places, place => _cases.Texts[place.Column][place.Row], readImages)
            .OrderByDescending(group => group.Any(IsDermoscopic));
        foreach (IReadOnlyList<Place> group in groups)
            Report(group, "picture", "each picture in one case", onlyLeaks: false);
    }

    private void FindCaseIds()
    {
        int column = _schema.Columns.ToList().FindIndex(described => described.Output == CaseIdOutput);
        if (column < 0)
            return;
        IEnumerable<IGrouping<string, int>> groups = Enumerable.Range(0, _cases.Count)
            .GroupBy(row => _cases.Texts[column][row].Trim(), StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Key.Length > 0);

        // Several lesions of a patient within a split are nothing unusual.
        foreach (IGrouping<string, int> group in groups)
            Report([.. group.Select(row => new Place(row, column))], _schema.Columns[column].Name, "all its cases in one split", onlyLeaks: true);
    }

    /// <summary>Reports each case of a group with the first one, which is in the training split if any is.</summary>
    private void Report(IReadOnlyList<Place> group, string what, string expected, bool onlyLeaks)
    {
        Place[] places =
        [
            .. group.OrderBy(place => _splitOfCase[place.Row]).ThenBy(place => place.Row).ThenByDescending(IsDermoscopic),
        ];
        Place first = places[0];
        foreach (Place place in places.Where(place => place.Row != first.Row))
        {
            bool leaks = _splitOfCase[first.Row] != _splitOfCase[place.Row] && IsInSplit(first) && IsInSplit(place);
            if ((onlyLeaks && !leaks) || !_reported.Add((first.Row, place.Row)))
                continue;
            string message =
                Invariant($"{(leaks ? "leakage: " : "")}this case of {Split(place)} has the {what} of line {_meta.Line(first.Row)} of {Split(first)} ") +
                $"(column '{_schema.Columns[first.Column].Name}', '{Name(first)}'):";
            _found.Add((leaks, new(
                _meta.File, _meta.Line(place.Row), _schema.Columns[place.Column].Name, Name(place), message, expected)));
        }
    }

    private bool IsDermoscopic(Place place) => _schema.Columns[place.Column].Role == ReleaseColumnRole.DermoscopicImage;

    private bool IsInSplit(Place place) => _splitOfCase[place.Row] < _schema.Splits.Count;

    private string Split(Place place) => IsInSplit(place) ? $"split '{_schema.Splits[_splitOfCase[place.Row]].Name}'" : "no split";

    /// <summary>The value as the table has it.</summary>
    private string Name(Place place) =>
        _meta.TryGetValue(place.Row, _schema.Columns[place.Column].Name, out string name) ? name : "";

    private readonly record struct Place(int Row, int Column);
}
