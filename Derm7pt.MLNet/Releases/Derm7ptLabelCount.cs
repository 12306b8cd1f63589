namespace Derm7pt.MLNet;

/// <summary>Represents the number of cases of a <see cref="Derm7ptRelease"/> that have a label, for each split.</summary>
public sealed class Derm7ptLabelCount
{
    internal Derm7ptLabelCount(ClassificationTask task, TaskLabel label, int train, int validation, int test, int all) =>
        (Task, Label, Train, Validation, Test, All) = (task, label, train, validation, test, all);

    /// <summary>The task.</summary>
    public ClassificationTask Task { get; }

    /// <summary>One of its labels.</summary>
    public TaskLabel Label { get; }

    /// <summary>The cases of the training split that carry it.</summary>
    public int Train { get; }

    /// <summary>The cases of the validation split that carry it.</summary>
    public int Validation { get; }

    /// <summary>The cases of the test split that carry it.</summary>
    public int Test { get; }

    /// <summary>The cases of the release that carry it, those in no split included.</summary>
    public int All { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Task.Name}, {Label.Name}: {Train} train, {Validation} validation, {Test} test, {All} in all";
}
