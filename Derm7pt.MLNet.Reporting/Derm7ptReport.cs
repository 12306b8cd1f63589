using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting.Examples;
using Derm7pt.MLNet.Reporting.Files;
using Microsoft.ML;

namespace Derm7pt.MLNet.Reporting;

/// <summary>Writes the report of a training run: an HTML page, and the same measures as JSON and CSV.</summary>
/// <remarks>
/// <para>The page is self-contained: styles, script, plots and images are embedded, so that it can be opened from a disk or sent by mail.</para>
/// <list type="table">
/// <listheader><term>File</term><description>Content</description></listheader>
/// <item><term><c>report.html</c></term><description>the page</description></item>
/// <item><term><c>evaluation.json</c>, <c>evaluation.csv</c></term><description>all measures of the test cases</description></item>
/// <item><term><c>validation.json</c>, <c>validation.csv</c></term><description>all measures of the validation cases, if there are any</description></item>
/// <item><term><c>recipe.json</c></term><description>the recipe of the network and its training, for <see cref="TrainingRecipe.FromJson(string)"/>, if the model has it</description></item>
/// <item><term><c>gates.json</c>, <c>gates.csv</c></term><description>the sharing of features between tasks</description></item>
/// <item><term><c>history.csv</c></term><description>the measures of the training, one epoch per line; for an ensemble <c>history-1.csv</c>, <c>history-2.csv</c>, …</description></item>
/// <item><term><c>model-card.md</c></term><description>the model card</description></item>
/// </list>
/// <para>This is research software, not a medical device.</para>
/// </remarks>
public static class Derm7ptReport
{
    /// <summary>Writes a report.</summary>
    /// <param name="folder">
    /// The folder, which is created if it does not exist. Files of the same names are replaced after all files have been written.
    /// </param>
    /// <param name="input">The content of the report.</param>
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

    /// <summary>Evaluates scored data, chooses cases to show and explains them with Grad-CAM, which requires libtorch.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="scoredTest">The test cases, scored by the model, with labels and images.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">Columns are missing or have another type, or an option is out of range.</exception>
    public static ReportInput Create(Derm7ptMultiTaskTransformer model, IDataView scoredTest, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(scoredTest);
        options ??= new ReportOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.ExampleCount, $"{nameof(options)}.{nameof(options.ExampleCount)}");

        var mlContext = new MLContext();
        MultiTaskEvaluation.Options evaluation = new(options.Evaluation) { Taxonomy = options.Evaluation.Taxonomy ?? model.Taxonomy };
        MultiTaskEvaluation Evaluate(IDataView scored) => mlContext.MulticlassClassification.EvaluateDerm7pt(scored, evaluation);
        // The predictions are cached, so that images are decoded and scored once. Images are not cached.
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
