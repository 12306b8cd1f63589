using Derm7pt.MLNet.Evaluation;
using Microsoft.ML;

namespace Derm7pt.MLNet.Reporting;

/// <summary>Represents the options of a report that is created from scored data.</summary>
public sealed record ReportOptions
{
    /// <summary>The title of the report.</summary>
    public string Title { get; init; } = "Gated multi-task network for the 7-point checklist";

    /// <summary>The scored validation cases, on which thresholds are chosen independently of the test cases.</summary>
    public IDataView? ScoredValidation { get; init; }

    /// <summary>The options of the evaluation; if they have no taxonomy, that of the model is used.</summary>
    public MultiTaskEvaluation.Options Evaluation { get; init; } = new();

    /// <summary>The image column of the scored data, as the model was trained on.</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>The column that names a case, a path for example, of which the file name is shown; rows are counted if there is none.</summary>
    public string CaseNameColumnName { get; init; } = "ImagePath";

    /// <summary>
    /// The number of cases to show, half of them with a wrong diagnosis if there are enough. Their images are embedded in the
    /// report. Use 0 if they must not be distributed with it.
    /// </summary>
    public int ExampleCount { get; init; } = 6;

    /// <summary>The seed of the choice of cases.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>A description of the data, in one or two sentences.</summary>
    public string? DatasetDescription { get; init; }

    /// <summary>Whether the images are synthetic. If so, the report states that its measures do not apply to real images.</summary>
    public bool IsSynthetic { get; init; }
}
