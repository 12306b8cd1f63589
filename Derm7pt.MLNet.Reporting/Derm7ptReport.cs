using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Examples;
using Derm7pt.MLNet.Reporting.Files;
using Microsoft.ML;

namespace Derm7pt.MLNet.Reporting;

/// <summary>Writes what a training run gave: one page to read, and the same figures as JSON and CSV.</summary>
/// <remarks>
/// <para>The page loads nothing: styles, script, plots and images are inside it, and it may be opened from a disk or sent by mail.</para>
/// <list type="table">
/// <listheader><term>File</term><description>Content</description></listheader>
/// <item><term><c>report.html</c></term><description>the page</description></item>
/// <item><term><c>evaluation.json</c>, <c>evaluation.csv</c></term><description>all measures of the test cases</description></item>
/// <item><term><c>validation.json</c>, <c>validation.csv</c></term><description>those of the validation cases, where there are any</description></item>
/// <item><term><c>recipe.json</c></term><description>the network and how it was trained, for <see cref="TrainingRecipe.FromJson(string)"/>, where the model has it</description></item>
/// <item><term><c>gates.json</c>, <c>gates.csv</c></term><description>which task takes whose features</description></item>
/// <item><term><c>history.csv</c></term><description>what the training measured, an epoch a line</description></item>
/// <item><term><c>model-card.md</c></term><description>the model card</description></item>
/// </list>
/// <para>This is research software, not a medical device.</para>
/// </remarks>
public static class Derm7ptReport
{
    /// <summary>Writes a report.</summary>
    /// <param name="folder">
    /// Where to; it is made if need be. Files of the same names are replaced, each only when all have been written; others stay.
    /// </param>
    /// <param name="input">What to report.</param>
    /// <returns>The full path of the page.</returns>
    public static string Write(string folder, ReportInput input)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(input);
        ReportFolder.Write(folder, ReportFiles.Of(input));
        return Path.Combine(Path.GetFullPath(folder), ReportFiles.Page);
    }

    /// <summary>Evaluates scored data, chooses cases to show and writes the report.</summary>
    /// <inheritdoc cref="Write(string, ReportInput)" path="/param[@name='folder']"/>
    /// <inheritdoc cref="Create" path="/param"/>
    /// <inheritdoc cref="Write(string, ReportInput)" path="/returns"/>
    public static string Write(string folder, Derm7ptMultiTaskTransformer model, IDataView scoredTest, ReportOptions? options = null) =>
        Write(folder, Create(model, scoredTest, options));

    /// <summary>Evaluates scored data, chooses cases to show and explains them by Grad-CAM, which needs libtorch.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="scoredTest">Test cases that it has scored, with labels and images.</param>
    /// <param name="options">How to; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or of another type, or an option is out of range.</exception>
    public static ReportInput Create(Derm7ptMultiTaskTransformer model, IDataView scoredTest, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(scoredTest);
        options ??= new ReportOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.ExampleCount, $"{nameof(options)}.{nameof(options.ExampleCount)}");

        var mlContext = new MLContext();
        MultiTaskEvaluation.Options evaluation = new(options.Evaluation) { Taxonomy = options.Evaluation.Taxonomy ?? model.Taxonomy };
        MultiTaskEvaluation Evaluate(IDataView scored) => mlContext.MulticlassClassification.EvaluateDerm7pt(scored, evaluation);
        // Holds what was predicted, so that images are decoded and scored once; images themselves pass by it.
        IDataView predicted = mlContext.Data.Cache(scoredTest);
        return new ReportInput
        {
            Title = options.Title,
            Model = model,
            Test = Evaluate(predicted),
            Validation = options.ScoredValidation is { } validation ? Evaluate(validation) : null,
            Examples = options.ExampleCount == 0 ? [] : ExampleReader.Read(model, predicted, scoredTest, options),
            DatasetDescription = options.DatasetDescription,
            IsSynthetic = options.IsSynthetic,
        };
    }
}
