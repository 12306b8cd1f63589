using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet;

/// <summary>
/// The tasks that are learned together and their labels: the single source that the release reader, the network's
/// heads, the output columns and saved models follow.
/// </summary>
/// <remarks>
/// The built-in taxonomies come from <c>data-schema/taxonomy.json</c>, which groups the raw values of the Derm7pt
/// release as Kawahara et al. do (IEEE JBHI 2018). A custom taxonomy is read with <see cref="FromJson(string)"/>.
/// </remarks>
public sealed class Taxonomy
{
    private static readonly Lazy<Taxonomy> LazyDerm7pt = new(() => TaxonomyJson.ReadEmbedded(variant: null));
    private static readonly Lazy<Taxonomy> LazyBinaryDiagnosis = new(() => TaxonomyJson.ReadEmbedded("derm7pt-binary-diagnosis"));

    internal Taxonomy(string name, int version, IReadOnlyList<ClassificationTask> tasks)
    {
        (Name, Version, Tasks) = (name, version, tasks);
        DiagnosisIndex = -1;
        var firstLabels = new int[tasks.Count];
        for (int task = 0; task < tasks.Count; task++)
        {
            firstLabels[task] = LabelCount;
            LabelCount += tasks[task].Labels.Count;
            if (tasks[task].Kind == TaskKind.Diagnosis)
                DiagnosisIndex = task;
        }

        FirstLabels = firstLabels;
    }

    /// <summary>The 7-point checklist with the five-way diagnosis: 8 tasks, 24 labels.</summary>
    public static Taxonomy Derm7pt => LazyDerm7pt.Value;

    /// <summary>The 7-point checklist with the diagnosis reduced to {not melanoma, melanoma}: 8 tasks, 21 labels.</summary>
    public static Taxonomy BinaryDiagnosis => LazyBinaryDiagnosis.Value;

    /// <summary>The taxonomy's name, for example <c>derm7pt</c>.</summary>
    public string Name { get; }

    /// <summary>The version of the taxonomy's data.</summary>
    public int Version { get; }

    /// <summary>The tasks, in the order of the network's branches.</summary>
    public IReadOnlyList<ClassificationTask> Tasks { get; }

    /// <summary>The number of labels of all tasks together.</summary>
    internal int LabelCount { get; }

    /// <summary>The task that is the diagnosis, or <see langword="null"/> if the taxonomy has none.</summary>
    public ClassificationTask? Diagnosis => DiagnosisIndex < 0 ? null : Tasks[DiagnosisIndex];

    /// <summary>The tasks that are criteria of the checklist, in taxonomy order.</summary>
    public IEnumerable<ClassificationTask> Criteria => Tasks.Where(task => task.Kind == TaskKind.Criterion);

    internal int DiagnosisIndex { get; }

    /// <summary>For each task, the position of its label 0 in the concatenation of all tasks' labels.</summary>
    internal IReadOnlyList<int> FirstLabels { get; }

    /// <summary>Reads a taxonomy from JSON in the form of <c>data-schema/taxonomy.json</c>.</summary>
    /// <param name="json">The JSON text; comments, and a comma behind the last entry, are allowed.</param>
    /// <exception cref="FormatException">
    /// The text is not JSON or not a taxonomy, or has an unknown key; the message states the place, the value and what is allowed.
    /// </exception>
    public static Taxonomy FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TaxonomyJson.Read(json, isStored: false);
    }

    /// <summary>Writes the taxonomy as JSON that <see cref="FromJson(string)"/> reads back.</summary>
    public string ToJson() => TaxonomyJson.Write(this);

    /// <summary>Computes the seven-point score: the sum of the scores of one label per task.</summary>
    /// <param name="labelIndexes">The zero-based label of each task, in task order.</param>
    internal int SevenPointScore(ReadOnlySpan<int> labelIndexes)
    {
        if (labelIndexes.Length != Tasks.Count)
            throw new ArgumentException($"Expected {Tasks.Count} labels, one per task; got {labelIndexes.Length}.", nameof(labelIndexes));

        int score = 0;
        for (int task = 0; task < labelIndexes.Length; task++)
            score += Tasks[task].Labels[labelIndexes[task]].Score;
        return score;
    }

    /// <summary>The position of a task.</summary>
    /// <exception cref="ArgumentException">There is no task of that name; the message names those there are.</exception>
    internal int IndexOf(string taskName)
    {
        for (int task = 0; task < Tasks.Count; task++)
        {
            if (Tasks[task].Name == taskName)
                return task;
        }

        throw new ArgumentException(
            $"There is no task '{taskName}'; the tasks are {string.Join(", ", Tasks.Select(task => task.Name))}.", nameof(taskName));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Tasks.Count} tasks, {LabelCount} labels";
}
