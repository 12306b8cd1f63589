namespace Derm7pt.MLNet.Columns;

/// <summary>What the columns of the multi-task stage are called, in one place.</summary>
internal static class ColumnNames
{
    public const string Image = "Image";
    public const string Pixels = "Pixels";
    public const string GateAlphas = "GateAlphas";
    public const string SevenPointScore = "SevenPointScore";
    public const string MelanomaProbability = "MelanomaProbability";

    /// <summary>The score that a release stores; no output of scoring.</summary>
    public const string StoredSevenPointScore = "StoredSevenPointScore";

    public static string Label(ClassificationTask task) => task.Name;

    /// <summary>Names of columns that a taxonomy's tasks would give to more than one column.</summary>
    public static IEnumerable<string> Clashes(Taxonomy taxonomy) =>
        taxonomy.Tasks
            .SelectMany(task => new[] { Label(task), Score(task), PredictedLabel(task), PredictedLabelText(task) })
            .Concat([GateAlphas, SevenPointScore, MelanomaProbability])
            .GroupBy(name => name)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key);

    public static string RawValue(ClassificationTask task) => task.Name + "Raw";

    public static string Score(ClassificationTask task) => task.Name + "Score";

    public static string PredictedLabel(ClassificationTask task) => task.Name + "PredictedLabel";

    public static string PredictedLabelText(ClassificationTask task) => task.Name + "PredictedLabelText";
}
