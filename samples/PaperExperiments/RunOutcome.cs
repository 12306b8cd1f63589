using Derm7pt.MLNet;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting;

namespace PaperExperiments;

/// <summary>What one run gave.</summary>
/// <param name="Run">The run.</param>
/// <param name="Network">The trained network.</param>
/// <param name="Validation">The validation cases: what thresholds and temperatures are chosen on.</param>
/// <param name="Test">The test cases, which had no part in any choice.</param>
/// <param name="OperatingPoints">Melanoma thresholds chosen on the validation cases, and what they give on the test cases.</param>
/// <param name="Temperatures">What the temperatures that were fitted on the validation cases change on the test cases.</param>
/// <param name="Report">The same for the page to read, with example cases.</param>
/// <param name="EvaluationTime">How long scoring and evaluation took.</param>
internal sealed record RunOutcome(
    ExperimentRun Run,
    Derm7ptMultiTaskTransformer Network,
    MultiTaskEvaluation Validation,
    MultiTaskEvaluation Test,
    MelanomaOperatingPoints OperatingPoints,
    IReadOnlyList<TemperatureEffect> Temperatures,
    ReportInput Report,
    TimeSpan EvaluationTime);
