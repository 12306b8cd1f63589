namespace Derm7pt.MLNet;

/// <summary>How many cases of a <see cref="Derm7ptRelease"/> carry a label, split by split.</summary>
/// <param name="Task">The task.</param>
/// <param name="Label">One of its labels.</param>
/// <param name="Train">The cases of the training split that carry it.</param>
/// <param name="Validation">The cases of the validation split that carry it.</param>
/// <param name="Test">The cases of the test split that carry it.</param>
/// <param name="All">The cases of the release that carry it, those in no split included.</param>
public sealed record Derm7ptLabelCount(ClassificationTask Task, TaskLabel Label, int Train, int Validation, int Test, int All)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Task.Name}, {Label.Name}: {Train} train, {Validation} validation, {Test} test, {All} in all";
}
