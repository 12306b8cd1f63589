using Derm7pt.MLNet;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting;

namespace PaperExperiments;

/// <summary>The results of one run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Network">The trained network.</param>
/// <param name="Validation">The validation cases: what thresholds and temperatures are chosen on.</param>
/// <param name="Test">The test cases, which had no part in any choice.</param>
/// <param name="Sensitivity">The sensitivity for melanoma that both thresholds reach on the validation cases, or more.</param>
/// <param name="SevenPointScore">The threshold of the seven-point score, and what it gives on the test cases.</param>
/// <param name="MelanomaProbability">The threshold of the melanoma probability, and what it gives on the test cases.</param>
/// <param name="Temperatures">What the temperatures that were fitted on the validation cases change on the test cases.</param>
/// <param name="Report">The same for the page to read, with example cases.</param>
/// <param name="EvaluationTime">How long scoring and evaluation took.</param>
internal sealed record RunOutcome(
    ExperimentRun Run,
    Derm7ptMultiTaskTransformer Network,
    MultiTaskEvaluation Validation,
    MultiTaskEvaluation Test,
    double Sensitivity,
    OperatingPoint SevenPointScore,
    OperatingPoint MelanomaProbability,
    IReadOnlyList<TemperatureEffect> Temperatures,
    ReportInput Report,
    TimeSpan EvaluationTime);
