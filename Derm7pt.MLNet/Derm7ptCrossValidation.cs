using Derm7pt.MLNet.Evaluation;

namespace Derm7pt.MLNet;

/// <summary>Represents the models of a cross-validation, each with an evaluation of the cases that it was not trained on.</summary>
/// <remarks>
/// <see cref="Derm7ptCatalog.CrossValidateDerm7pt"/> creates it. Disposing it disposes the models of all runs, but not the result of
/// <see cref="Combine"/>.
/// </remarks>
public sealed class Derm7ptCrossValidation : IDisposable
{
    internal Derm7ptCrossValidation(IReadOnlyList<Derm7ptCrossValidationRun> runs)
    {
        Runs = runs;
        Summary = new CrossValidationSummary(
            [.. runs.GroupBy(run => run.Seed, run => run.Evaluation).Select(seed => seed.ToArray())]);
    }

    /// <summary>The runs: all folds of the first seed, then all folds of the next one, and so on.</summary>
    public IReadOnlyList<Derm7ptCrossValidationRun> Runs { get; }

    /// <summary>The means and the variation of the measures over the runs, and the evaluation of all cases together.</summary>
    public CrossValidationSummary Summary { get; }

    /// <summary>Combines the models of all runs into an ensemble; see <see cref="Derm7ptCatalog.CombineDerm7pt"/>.</summary>
    /// <remarks>
    /// Most members were trained on every case, so that the ensemble cannot be evaluated on the cases of the cross-validation.
    /// <see cref="Summary"/> evaluates single models, which are usually less accurate than their ensemble.
    /// </remarks>
    /// <param name="testTimeAugmentation">
    /// Whether scores are also means over views of the image; <see langword="null"/> for the setting of the runs.
    /// </param>
    /// <returns>A new model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">There are more than 64 runs, or the ensemble would be too large for a file.</exception>
    public Derm7ptMultiTaskTransformer Combine(bool? testTimeAugmentation = null) =>
        Derm7ptMultiTaskTransformer.Combine([.. Runs.Select(run => run.Model)], testTimeAugmentation);

    /// <summary>Returns the table of <see cref="Summary"/> and the number of runs.</summary>
    public override string ToString()
    {
        int seeds = Summary.OutOfFold.Count;
        return Invariant($"{Summary}\n\nMean ± standard deviation of {Runs.Count} runs: {Runs.Count / seeds} folds, ")
            + Invariant($"{seeds} {(seeds == 1 ? "seed" : "seeds")}.");
    }

    /// <summary>Disposes the models of all runs.</summary>
    public void Dispose()
    {
        foreach (Derm7ptCrossValidationRun run in Runs)
            run.Model.Dispose();
    }
}

/// <summary>Represents one run of a cross-validation.</summary>
public sealed class Derm7ptCrossValidationRun
{
    internal Derm7ptCrossValidationRun(int fold, int seed, Derm7ptMultiTaskTransformer model, MultiTaskEvaluation evaluation) =>
        (Fold, Seed, Model, Evaluation) = (fold, seed, model, evaluation);

    /// <summary>The one-based fold that was held out.</summary>
    public int Fold { get; }

    /// <summary>The seed of the folds and of the training.</summary>
    public int Seed { get; }

    /// <summary>The model, which is disposed with the <see cref="Derm7ptCrossValidation"/>.</summary>
    public Derm7ptMultiTaskTransformer Model { get; }

    /// <summary>The evaluation of the held-out cases, without bootstrap intervals.</summary>
    public MultiTaskEvaluation Evaluation { get; }
}
