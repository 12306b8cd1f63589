using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet;

/// <summary>The models of a cross-validation, each with the evaluation of the cases that it was not trained on.</summary>
/// <remarks>
/// Made by <see cref="Derm7ptCatalog.CrossValidateDerm7pt"/>. Dispose it when done: that disposes the models of all runs, but not what
/// <see cref="Combine"/> gave.
/// </remarks>
public sealed class Derm7ptCrossValidation : IDisposable
{
    internal Derm7ptCrossValidation(IReadOnlyList<Derm7ptCrossValidationRun> runs)
    {
        Runs = runs;
        Summary = new CrossValidationSummary(
            [.. runs.GroupBy(run => run.Seed, run => run.Evaluation).Select(seed => seed.ToArray())]);
    }

    /// <summary>The runs: all folds of the first seed, then those of the next one.</summary>
    public IReadOnlyList<Derm7ptCrossValidationRun> Runs { get; }

    /// <summary>How the measures vary over the runs, and the evaluation of all cases together.</summary>
    public CrossValidationSummary Summary { get; }

    /// <summary>Makes an ensemble of the models of all runs, see <see cref="Derm7ptCatalog.CombineDerm7pt"/>.</summary>
    /// <remarks>
    /// Every case was trained on by most of its members, so that the cases of the cross-validation cannot measure it. <see cref="Summary"/>
    /// measures single models, which are usually somewhat less accurate than their ensemble.
    /// </remarks>
    /// <param name="testTimeAugmentation">
    /// Whether scores are also means over views of the image; <see langword="null"/> for what the options of the runs say.
    /// </param>
    /// <returns>A model of its own; dispose it when done.</returns>
    /// <exception cref="ArgumentException">There are more than 64 runs, or the file of the ensemble would be too large.</exception>
    public Derm7ptMultiTaskTransformer Combine(bool? testTimeAugmentation = null) =>
        Derm7ptMultiTaskTransformer.Combine([.. Runs.Select(run => run.Model)], testTimeAugmentation);

    /// <summary>The table of <see cref="Summary"/>, and the number of runs.</summary>
    public override string ToString()
    {
        int seeds = Summary.OutOfFold.Count;
        return Invariant($"{Summary}\n\nMean ± standard deviation of {Runs.Count} runs: {Runs.Count / seeds} folds, {seeds} {(seeds == 1 ? "seed" : "seeds")}.");
    }

    /// <summary>Disposes the models of all runs.</summary>
    public void Dispose()
    {
        foreach (Derm7ptCrossValidationRun run in Runs)
            run.Model.Dispose();
    }
}

/// <summary>One run of a cross-validation.</summary>
public sealed class Derm7ptCrossValidationRun
{
    internal Derm7ptCrossValidationRun(int fold, int seed, Derm7ptMultiTaskTransformer model, MultiTaskEvaluation evaluation) =>
        (Fold, Seed, Model, Evaluation) = (fold, seed, model, evaluation);

    /// <summary>The one-based fold that was held out.</summary>
    public int Fold { get; }

    /// <summary>The seed that decided the folds and the training.</summary>
    public int Seed { get; }

    /// <summary>The model; it belongs to the <see cref="Derm7ptCrossValidation"/>, which disposes it.</summary>
    public Derm7ptMultiTaskTransformer Model { get; }

    /// <summary>The evaluation of the cases that were held out, without bootstrap intervals.</summary>
    public MultiTaskEvaluation Evaluation { get; }
}
