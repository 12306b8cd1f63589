using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Reporting;

/// <summary>What a report is written from.</summary>
public sealed record ReportInput
{
    /// <summary>What the report is called.</summary>
    public required string Title { get; init; }

    /// <summary>The trained model; it is only read.</summary>
    public required Derm7ptMultiTaskTransformer Model { get; init; }

    /// <summary>How the model does on test cases.</summary>
    public required MultiTaskEvaluation Test { get; init; }

    /// <summary>How it does on validation cases; with them, thresholds are chosen that the test cases had no part in.</summary>
    public MultiTaskEvaluation? Validation { get; init; }

    /// <summary>Cases to show, with their images.</summary>
    public IReadOnlyList<ExampleCase> Examples { get; init; } = [];

    /// <summary>What the data are, in a sentence or two.</summary>
    public string? DatasetDescription { get; init; }

    /// <summary>Whether the images are drawn. If so, the report says that its figures say nothing about skin.</summary>
    public bool IsSynthetic { get; init; }
}
