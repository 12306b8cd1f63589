using Derm7pt.MLNet.Evaluation;
using Microsoft.ML;

namespace Derm7pt.MLNet.Reporting;

/// <summary>How a report is made from scored data.</summary>
public sealed record ReportOptions
{
    /// <summary>What the report is called.</summary>
    public string Title { get; init; } = "Gated multi-task network for the 7-point checklist";

    /// <summary>Scored validation cases; with them, thresholds are chosen that the test cases had no part in.</summary>
    public IDataView? ScoredValidation { get; init; }

    /// <summary>How to evaluate; the taxonomy is the model's where none is given.</summary>
    public MultiTaskEvaluation.Options Evaluation { get; init; } = new();

    /// <summary>The image column of the scored data, as the model was trained on.</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>The column that names a case, a path for example, of which the file name is shown; rows are counted if there is none.</summary>
    public string CaseNameColumnName { get; init; } = "ImagePath";

    /// <summary>
    /// How many cases to show, half of them with a wrong diagnosis where there are so many. Their images become part of
    /// the report: 0 where they must not be passed on with it.
    /// </summary>
    public int ExampleCount { get; init; } = 6;

    /// <summary>Decides which cases are shown.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What the data are, in a sentence or two.</summary>
    public string? DatasetDescription { get; init; }

    /// <summary>Whether the images are drawn. If so, the report says that its figures say nothing about skin.</summary>
    public bool IsSynthetic { get; init; }
}
