namespace Derm7pt.MLNet.Columns;

/// <summary>Defines the names of the columns of the multi-task stage.</summary>
internal static class ColumnNames
{
    public const string Image = "Image";
    public const string Pixels = "Pixels";
    public const string GateAlphas = "GateAlphas";
    public const string SevenPointScore = "SevenPointScore";
    public const string MelanomaProbability = "MelanomaProbability";

    /// <summary>The column of the score that a release stores. Scoring does not create it.</summary>
    public const string StoredSevenPointScore = "StoredSevenPointScore";

    public static string Label(ClassificationTask task) => task.Name;

    /// <summary>Finds the names that the tasks of a taxonomy would give to more than one column.</summary>
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
