using System.Collections.Immutable;

namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the seven-point rule: a lesion is called melanoma if its checklist score is at or above a threshold.</summary>
/// <remarks>
/// The score is the sum of the scores of the criteria's labels. Common thresholds are 3 (Argenziano et al., Arch Dermatol
/// 1998) and 1 (the revised checklist: Argenziano et al., Br J Dermatol 2011).
/// </remarks>
public sealed class SevenPointRule
{
    /// <summary>Creates a rule.</summary>
    /// <param name="threshold">The lowest score that is called melanoma; not negative.</param>
    /// <param name="taxonomy">The tasks and the scores of their labels; <see cref="Taxonomy.Derm7pt"/> if null.</param>
    public SevenPointRule(int threshold, Taxonomy? taxonomy = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        Threshold = threshold;
        Taxonomy = taxonomy ?? Taxonomy.Derm7pt;
        MaximumScore = Taxonomy.Tasks.Sum(task => task.Labels.Max(label => label.Score));
    }

    /// <summary>The lowest score that is called melanoma.</summary>
    public int Threshold { get; }

    /// <summary>The tasks and the scores of their labels.</summary>
    internal Taxonomy Taxonomy { get; }

    /// <summary>The highest score that a case can have: 10 with the checklist of Derm7pt.</summary>
    internal int MaximumScore { get; }

    /// <summary>Determines whether a score is called melanoma.</summary>
    internal bool IsMelanoma(double score) => score >= Threshold;

    /// <summary>Scores a case and applies the rule.</summary>
    /// <param name="labels">The zero-based label of each task, in task order; the label of the diagnosis has no score.</param>
    /// <exception cref="ArgumentException">The number of labels is not the number of tasks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is out of range.</exception>
    public SevenPointAssessment Assess(params ReadOnlySpan<int> labels)
    {
        if (labels.Length != Taxonomy.Tasks.Count)
            throw new ArgumentException($"Expected {Taxonomy.Tasks.Count} labels, one per task; got {labels.Length}.", nameof(labels));
        for (int task = 0; task < labels.Length; task++)
        {
            int count = Taxonomy.Tasks[task].Labels.Count;
            if (labels[task] < 0 || labels[task] >= count)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels), labels[task], Invariant($"Task '{Taxonomy.Tasks[task].Name}' has labels 0 to {count - 1}, got {labels[task]}."));
            }
        }

        return new SevenPointAssessment(this, [.. labels]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"score ≥ {Threshold}";
}

/// <summary>Represents the outcome of the seven-point rule for a case, and the effect of changes to its criteria.</summary>
public sealed class SevenPointAssessment
{
    internal SevenPointAssessment(SevenPointRule rule, ImmutableArray<int> labels)
    {
        (Rule, Labels) = (rule, labels);
        Score = rule.Taxonomy.SevenPointScore(labels.AsSpan());
    }

    /// <summary>The rule.</summary>
    internal SevenPointRule Rule { get; }

    /// <summary>The zero-based label of each task, in task order.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The sum of the labels' scores: 0 to 10 with the checklist of Derm7pt.</summary>
    public int Score { get; }

    /// <summary>Gets a value that indicates whether the rule calls the case a melanoma.</summary>
    public bool IsMelanoma => Rule.IsMelanoma(Score);

    /// <summary>Creates an assessment of the same case with one criterion changed.</summary>
    /// <param name="criterion">The name of the criterion's task, for example <c>Streaks</c>.</param>
    /// <param name="label">The name of its new label, for example <c>irregular</c>.</param>
    /// <exception cref="ArgumentException">
    /// The criterion or the label does not exist; the message lists the existing ones.
    /// </exception>
    public SevenPointAssessment With(string criterion, string label)
    {
        IReadOnlyList<ClassificationTask> tasks = Rule.Taxonomy.Tasks;
        int task = IndexOf(tasks, t => t.Kind == TaskKind.Criterion && Same(t.Name, criterion));
        if (task < 0)
        {
            throw new ArgumentException(
                $"There is no criterion '{criterion}'; there are {string.Join(", ", Rule.Taxonomy.Criteria.Select(t => t.Name))}.",
                nameof(criterion));
        }

        int index = IndexOf(tasks[task].Labels, l => Same(l.Name, label));
        if (index < 0)
        {
            string names = string.Join(", ", tasks[task].Labels.Select(l => l.Name));
            throw new ArgumentException($"Criterion '{tasks[task].Name}' has no label '{label}'; it has {names}.", nameof(label));
        }

        return With(task, index);
    }

    /// <summary>Lists every change of a single criterion, in task order, with its outcome.</summary>
    /// <remarks>The outcome depends on the criteria whose changes have <see cref="SevenPointChange.ChangesOutcome"/> set.</remarks>
    public IReadOnlyList<SevenPointChange> SingleChanges() =>
    [
        .. from task in Enumerable.Range(0, Labels.Count)
           where Rule.Taxonomy.Tasks[task].Kind == TaskKind.Criterion
           let labels = Rule.Taxonomy.Tasks[task].Labels
           from label in Enumerable.Range(0, labels.Count)
           where label != Labels[task]
           select new SevenPointChange(Rule.Taxonomy.Tasks[task], labels[label], this, With(task, label)),
    ];

    /// <inheritdoc/>
    public override string ToString() => $"score {Score}, {(IsMelanoma ? "melanoma" : "not melanoma")} by the rule {Rule}";

    private SevenPointAssessment With(int task, int label) => new(Rule, [.. Labels.Select((own, i) => i == task ? label : own)]);

    private static int IndexOf<T>(IReadOnlyList<T> items, Func<T, bool> condition) =>
        Enumerable.Range(0, items.Count).Where(i => condition(items[i])).DefaultIfEmpty(-1).First();

    private static bool Same(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Represents a change of one criterion and its outcome.</summary>
public sealed class SevenPointChange
{
    private readonly SevenPointAssessment _before;

    internal SevenPointChange(
        ClassificationTask criterion, TaskLabel to, SevenPointAssessment before, SevenPointAssessment after) =>
        (Criterion, To, _before, After) = (criterion, to, before, after);

    /// <summary>The criterion.</summary>
    public ClassificationTask Criterion { get; }

    /// <summary>The new label of the criterion.</summary>
    public TaskLabel To { get; }

    /// <summary>The assessment after the change.</summary>
    public SevenPointAssessment After { get; }

    /// <summary>Gets a value that indicates whether the change reverses the decision of the rule.</summary>
    public bool ChangesOutcome => After.IsMelanoma != _before.IsMelanoma;
}
