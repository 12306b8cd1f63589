using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet.Reporting;

/// <summary>Represents the content of a report.</summary>
public sealed record ReportInput
{
    /// <summary>The title of the report.</summary>
    public required string Title { get; init; }

    /// <summary>The trained model, which is not changed.</summary>
    public required Derm7ptMultiTaskTransformer Model { get; init; }

    /// <summary>The evaluation of the model on test cases.</summary>
    public required MultiTaskEvaluation Test { get; init; }

    /// <summary>The evaluation on validation cases, on which thresholds are chosen independently of the test cases.</summary>
    public MultiTaskEvaluation? Validation { get; init; }

    /// <summary>The cases to show, with their images.</summary>
    public IReadOnlyList<ExampleCase> Examples { get; init; } = [];

    /// <summary>A description of the data, in one or two sentences.</summary>
    public string? DatasetDescription { get; init; }

    /// <summary>Whether the images are synthetic. If so, the report states that its measures do not apply to real images.</summary>
    public bool IsSynthetic { get; init; }
}
