using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training;
using Derm7pt.MLNet.Training.Sampling;
using Microsoft.ML;
using static TorchSharp.torch;

namespace Derm7pt.MLNet;

public sealed partial class Derm7ptMultiTaskEstimator
{
    /// <inheritdoc cref="Derm7ptCatalog.CrossValidateDerm7pt"/>
    internal static Derm7ptCrossValidation CrossValidate(
        TransformsCatalog catalog, IDataView data, Options options, int folds, IReadOnlyList<int>? seeds, string? groupColumnName)
    {
        OptionCheck.ThrowIfAny(options.Problems());
        seeds ??= [options.Training.Seed];
        if (folds < 2)
            throw new ArgumentOutOfRangeException(nameof(folds), folds, "Cross-validation needs at least 2 folds.");
        if (seeds.Count == 0 || seeds.Distinct().Count() < seeds.Count)
            throw new ArgumentException($"Expected seeds that differ, at least one; got [{string.Join(", ", seeds)}].", nameof(seeds));
        Derm7ptMultiTaskEstimator[] estimators =
        [
            .. seeds.Select(seed => new Derm7ptMultiTaskEstimator(
                catalog, new Options(options) { Training = new TrainingOptions(options.Training) { Seed = seed } })),
        ];
        TorchLibrary.Require();
        return estimators[0].CrossValidate(data, estimators, folds, groupColumnName);
    }

    /// <summary>Trains and evaluates the runs one after the other. The estimators differ from this one in the seed only.</summary>
    private Derm7ptCrossValidation CrossValidate(
        IDataView data, IReadOnlyList<Derm7ptMultiTaskEstimator> estimators, int folds, string? groupColumnName)
    {
        int? samplesPerLabel = CheckColumns(data);
        Device device = Devices.Resolve(_options.Runtime.Device);
        (LabelTable labels, LabelTable? validationLabels) = ReadLabels(data);
        CaseGroups groups = ReadGroups(data, groupColumnName, labels.CaseCount, folds);
        PlannedRun[] plan =
        [
            .. estimators.SelectMany(estimator =>
            {
                int[] foldOfCase = Folds.Draw(labels, groups, folds, estimator._options.Training.Seed);
                return Enumerable.Range(0, folds).Select(fold => estimator.Plan(labels, groups, foldOfCase, fold, samplesPerLabel));
            }),
        ];
        if (plan[0].Checkpoint is { } first)
            CheckpointFile.Find(first);

        using TrainingReporter reporter = TrainingReporter.Create(_options.Runtime.Progress, _options.Runtime.LogTo, nameof(Derm7ptMultiTaskEstimator));
        reporter.Warn(DataWarnings.LabelsOfOneGroup(labels, groups));
        Warn(reporter, labels, validationLabels);
        using LabelledImages all = ReadTraining(data, labels, reporter);
        using LabelledImages? validationSet = ReadValidation(all, reporter);
        reporter.ImagesDone();
        reporter.Warn(DataWarnings.SharedImages(all, validationSet));
        var runs = new List<Derm7ptCrossValidationRun>();
        try
        {
            foreach (PlannedRun planned in plan)
            {
                reporter.Report(new TrainingProgress.RunStarted(runs.Count + 1, plan.Length, planned.Fold + 1, folds, planned.Seed));
                runs.Add(planned.Estimator.Run(planned, data, all, validationSet, device, reporter));
            }

            return new Derm7ptCrossValidation(runs);
        }
        catch
        {
            runs.ForEach(run => run.Model.Dispose());
            throw;
        }
    }

    private static CaseGroups ReadGroups(IDataView data, string? columnName, int caseCount, int folds)
    {
        CaseGroups groups = columnName is null ? CaseGroups.Single(caseCount) : new CaseGroups(GroupColumn.Read(data, columnName));
        if (groups.GroupOfCase.Count != caseCount)
            throw new InvalidOperationException(RowOrder.Changed);
        int count = groups.GroupOfCase.Distinct().Count();
        return folds <= count
            ? groups
            : throw new ArgumentOutOfRangeException(
                nameof(folds), folds, Invariant($"There are {count} {(columnName is null ? "cases" : $"groups in column '{columnName}'")}, fewer than folds."));
    }

    private PlannedRun Plan(LabelTable labels, CaseGroups groups, int[] foldOfCase, int fold, int? samplesPerLabel)
    {
        int[] others = [.. Enumerable.Range(0, labels.CaseCount).Where(c => foldOfCase[c] != fold)];
        (int[] train, int[] validation) = _options.Data.ValidationSet is null
            ? ValidationSplit.Draw(labels.Subset(others), _options.Training.ValidationFraction, _options.Training.Seed, groups.Subset(others))
            : ([.. Enumerable.Range(0, others.Length)], []);
        int[] trainCases = [.. train.Select(i => others[i])];
        try
        {
            IBatchSampler sampler = CreateSampler(labels.Subset(trainCases), samplesPerLabel);
            return new PlannedRun(
                this, fold, trainCases, [.. validation.Select(i => others[i])], [.. foldOfCase.Select(own => own == fold ? 1 : 0)], sampler);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException(Invariant($"Fold {fold + 1} of seed {_options.Training.Seed}: {e.Message}"), e);
        }
    }

    private Derm7ptCrossValidationRun Run(
        PlannedRun planned, IDataView data, LabelledImages all, LabelledImages? validationSet, Device device, TrainingReporter reporter)
    {
        Checkpoint? found = planned.Checkpoint is { } path ? CheckpointFile.Find(path) : null;
        LabelledImages? validation = validationSet ?? (planned.Validation.Length == 0 ? null : all.Subset(planned.Validation));
        MultiTaskModel trained = Train(
            all.Subset(planned.Train), validation, planned.Sampler, FeatureBytes(all, validationSet), device, planned.Checkpoint, found, reporter);
        var model = new Derm7ptMultiTaskTransformer(trained, _options.Data.ImageColumnName, data.Schema, _options.Runtime.ScoringBatchSize);
        try
        {
            MultiTaskEvaluation evaluation = MultiTaskEvaluation.Create(
                model.Transform(new RepeatedRowsDataView(data, planned.IsHeldOut)), new MultiTaskEvaluation.Options { BootstrapResamples = 0 });
            return new Derm7ptCrossValidationRun(planned.Fold + 1, planned.Seed, model, evaluation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Represents a run before its training.</summary>
    /// <param name="Estimator">The estimator with the seed of the run.</param>
    /// <param name="Fold">The zero-based fold that is held out.</param>
    /// <param name="Train">The cases to train on.</param>
    /// <param name="Validation">The cases for early stopping; none if there is a validation set.</param>
    /// <param name="IsHeldOut">For each case 1 if it is held out, otherwise 0.</param>
    /// <param name="Sampler">The sampler of mini-batches.</param>
    private sealed record PlannedRun(
        Derm7ptMultiTaskEstimator Estimator, int Fold, int[] Train, int[] Validation, int[] IsHeldOut, IBatchSampler Sampler)
    {
        public int Seed => Estimator._options.Training.Seed;

        /// <summary>Gets the file of the run's checkpoint; null for none.</summary>
        public string? Checkpoint => Estimator._options.Runtime.CheckpointPath is not { } path
            ? null
            : Path.Combine(
                Path.GetDirectoryName(path) ?? "",
                Invariant($"{Path.GetFileNameWithoutExtension(path)}.seed{Seed}.fold{Fold + 1}{Path.GetExtension(path)}"));
    }
}
