namespace Derm7pt.MLNet.Tasks;

/// <summary>Finds differences between two taxonomies that affect the columns of scored data.</summary>
/// <remarks>Codes, titles and raw values do not: they decide how a release is read and how results are shown.</remarks>
internal static class TaxonomyDifference
{
    /// <summary>Each difference as the end of a sentence about the first taxonomy; empty if the data are the same.</summary>
    public static IReadOnlyList<string> Describe(Taxonomy first, Taxonomy second)
    {
        string[] names = [.. first.Tasks.Select(task => task.Name)], others = [.. second.Tasks.Select(task => task.Name)];
        var differences = new List<string>();
        if (names.Except(others).ToArray() is { Length: > 0 } added)
            differences.Add($"it has {Tasks(added)} in addition");
        if (others.Except(names).ToArray() is { Length: > 0 } missing)
            differences.Add($"it lacks {Tasks(missing)}");
        if (differences.Count == 0 && !names.SequenceEqual(others))
            differences.Add($"its tasks are in the order {string.Join(", ", names)} instead of {string.Join(", ", others)}");
        differences.AddRange(first.Tasks.Join(second.Tasks, task => task.Name, task => task.Name, Difference).OfType<string>());
        return differences;
    }

    private static string? Difference(ClassificationTask first, ClassificationTask second)
    {
        if (!first.Labels.Select(label => label.Name).SequenceEqual(second.Labels.Select(label => label.Name), StringComparer.OrdinalIgnoreCase))
            return $"its task '{first.Name}' has the labels {Labels(first)} instead of {Labels(second)}";
        if (first.Kind != second.Kind)
            return $"its task '{first.Name}' is a {Kind(first)} instead of a {Kind(second)}";
        foreach ((TaskLabel own, TaskLabel other) in first.Labels.Zip(second.Labels))
        {
            if (own.Score != other.Score)
                return Invariant($"its label '{own.Name}' of task '{first.Name}' has the score {own.Score} instead of {other.Score}");
            if (own.IsMelanoma != other.IsMelanoma)
                return $"its label '{own.Name}' of task '{first.Name}' {(own.IsMelanoma ? "means" : "does not mean")} melanoma";
        }

        return null;
    }

    private static string Tasks(string[] names) => $"the {(names.Length == 1 ? "task" : "tasks")} {string.Join(", ", names)}";

    private static string Labels(ClassificationTask task) => string.Join(", ", task.Labels.Select(label => label.Name));

    private static string Kind(ClassificationTask task) => TaxonomyReader.NameOf(task.Kind);
}
