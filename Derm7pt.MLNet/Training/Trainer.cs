using System.Diagnostics;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>
/// The training loop: batches from a sampler, focal loss, Adam, validation and early stopping. It does not depend on
/// ML.NET.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private const int ValidationBatchSize = 64;

    private readonly TorchNetwork _network;
    private readonly TrainingOptions _options;
    private readonly IBatchSampler _sampler;
    private readonly ILossCombination _combination;
    private readonly long _featureBytes;
    private readonly NetworkOptimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly Generator _dropout = new(0);
    private readonly StepMemory _memory = new();

    // Together with the tensors of the network and the optimizer, these fields are the state of the run.
    private readonly List<EpochMetrics> _epochs = [];
    private readonly EarlyStopping _stopping;
    private IReadOnlyList<NamedTensor>? _best;

    /// <param name="network">The network, on the device on which it is trained.</param>
    /// <param name="options">The options of the training. The sampler determines the number of mini-batches per epoch.</param>
    /// <param name="sampler">Selects the cases of each mini-batch.</param>
    /// <param name="combination">Combines the tasks' losses into one loss.</param>
    /// <param name="featureBytes">The maximum number of bytes of features of a frozen encoder in memory; the rest is in temporary files.</param>
    public Trainer(
        TorchNetwork network, TrainingOptions options, IBatchSampler sampler, ILossCombination combination, long featureBytes)
    {
        (_network, _options, _sampler, _combination, _featureBytes) = (network, options, sampler, combination, featureBytes);
        _network.DropoutGenerator = _dropout;
        _optimizer = new NetworkOptimizer(network, options);
        _average = options.AverageDecay > 0 ? new WeightAverage(network, options.AverageDecay) : null;
        _stopping = new EarlyStopping(options.EarlyStoppingMetric, options.Patience);
    }

    /// <summary>Continues a run from a captured state.</summary>
    /// <exception cref="InvalidDataException">The state is not one of this network; the message states why.</exception>
    /// <exception cref="FormatException">Its epochs are not; the message states why.</exception>
    public void Restore(TrainingState state)
    {
        EpochCheck.LastOf(state.Epochs, _network.Spec);
        if (_average is not null)
            _average.Restore(state.Average ?? throw new InvalidDataException("The moving averages of the weights are missing."));
        else if (state.Average is not null)
            throw new InvalidDataException("It holds moving averages of the weights, which this run does not have.");
        // The best weights are restored first, so that a mismatch is detected now and not at the end of the run.
        if (state.Best is not null)
            _network.Restore(state.Best);
        _network.Restore(state.Network);
        _optimizer.Restore(state.Optimizer);
        _best = state.Best;
        foreach (EpochMetrics epoch in state.Epochs)
        {
            _epochs.Add(epoch);
            if (_stopping.IsBest(epoch.Epoch, epoch.Validation) && epoch.Validation is not null && _best is null)
                throw new InvalidDataException(Invariant($"The best epoch is {epoch.Epoch}, but its weights are missing."));
        }
    }

    /// <summary>Trains, and leaves the weights of the best epoch in the network, or their moving averages if the options enable them.</summary>
    /// <param name="train">The training cases.</param>
    /// <param name="validation">The validation cases; without them all epochs are run and the last one counts.</param>
    /// <param name="epochDone">Receives the state after every epoch, from which <see cref="Restore"/> continues.</param>
    /// <param name="progress">Receives a progress report for features, and for every batch and epoch.</param>
    /// <param name="cancellation">Cancels the run between two mini-batches, or while features are computed.</param>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    /// <exception cref="InvalidOperationException">The loss became infinite or not a number.</exception>
    public TrainingHistory Run(
        LabelledImages train, LabelledImages? validation, Action<TrainingState>? epochDone, Action<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        if (validation is not null && validation.Labels.Columns.All(column => column.All(label => label == LabelTable.Missing)))
            throw new InvalidOperationException("No validation case has a label of any task, so early stopping has nothing to watch.");
        if (validation is null && _options.LearningRateSchedule == LearningRateSchedule.Plateau)
            throw new InvalidOperationException("There are no validation cases, so the learning rate schedule Plateau has nothing to watch.");
        if (!IsDone)
            RunEpochs(train, validation, epochDone, progress, cancellation);
        if (_best is not null)
            _network.Restore(_best);
        else
            _average?.Exchange();
        _network.IsTraining = false;
        return new TrainingHistory([.. _epochs], _stopping.BestEpoch);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _average?.Dispose();
        _dropout.Dispose();
        _memory.Dispose();
    }

    private bool IsDone => _epochs.Count >= _options.MaximumEpochs || _stopping.ShouldStop(_epochs.Count);

    private void RunEpochs(
        LabelledImages train, LabelledImages? validation, Action<TrainingState>? epochDone, Action<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        var losses = new TaskLosses(_options, train.Labels, _network.Device);
        using TrainingInputs inputs = TrainingInputs.Prepare(_network, _options, train, validation, _featureBytes, progress, cancellation);
        // Without the encoder, torch's operators have little to compute, and more threads would cost more time than they save.
        using SerialTorch? serial = SerialTorch.Begin(_network.Device, inputs.RunEncoder && _network.Spec.Encoder.NeedsTorchThreads);
        while (!IsDone)
        {
            long start = Stopwatch.GetTimestamp();
            int epoch = _epochs.Count;
            double trainingLoss = TrainEpoch(epoch, inputs.Train, train.Labels, losses, progress, cancellation);
            // The averages are the model that is validated and kept. Training continues from the weights themselves.
            using (_average?.ExchangeForNow())
            {
                ValidationMetrics? metrics = validation is null ? null : Validate(inputs.Validation!, validation.Labels, losses, cancellation);
                _epochs.Add(new EpochMetrics(epoch + 1, trainingLoss, metrics, MeasureSharing(), Stopwatch.GetElapsedTime(start)));
                if (_stopping.IsBest(epoch + 1, metrics) && validation is not null)
                    _best = _network.Capture();
            }

            epochDone?.Invoke(Capture());
            progress?.Invoke(new TrainingProgress.EpochDone(_epochs[^1], _stopping.BestEpoch, _options.MaximumEpochs));
        }
    }

    private TrainingState Capture() => new([.. _epochs], _network.Capture(), _best, _optimizer.Capture(), _average?.Capture());

    private double TrainEpoch(
        int epoch, IBatchInput input, LabelTable labels, TaskLosses losses, Action<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        _network.IsTraining = true;
        _dropout.manual_seed(SeedSequence.Derive(_options.Seed, SeedSequence.Purpose.Dropout, epoch));
        double sum = 0;
        int batches = _sampler.BatchesPerEpoch;
        for (int batch = 0; batch < batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using IDisposable memory = _memory.BeginStep();
            using DisposeScope step = NewDisposeScope();
            int[] cases = _sampler.Draw(epoch, batch);
            Mixture? mixture = _options.Augmentation is { MixupAlpha: > 0 and var alpha }
                ? Mixture.Draw(cases.Length, alpha, SeedSequence.Random(_options.Seed, SeedSequence.Purpose.Mixup, epoch, batch))
                : null;
            Tensor read = input.Read(cases, epoch, batch);
            NetworkOutput output = input.Forward(mixture?.Mix(read) ?? read);
            Tensor loss = _combination.Combine(losses.OfTraining(output, labels.Subset(cases), mixture));
            if (_options.GateL1Regularization > 0)
                loss = loss.Plus(SumOfLearnedAlphas().Times(_options.GateL1Regularization));
            _optimizer.ClearGradients();
            loss.backward();
            _optimizer.Step(LearningRateFactor.At(_options, _epochs, batch, batches));
            _average?.Update(((long)epoch * batches) + batch + 1);
            double value = loss.Value();
            if (!double.IsFinite(value))
            {
                throw new InvalidOperationException(
                    Invariant($"Training diverged: the loss is {value} in epoch {epoch + 1}, batch {batch + 1}. A lower LearningRate or GateLearningRate may help."));
            }

            sum += value;
            progress?.Invoke(new TrainingProgress.BatchDone(epoch + 1, batch + 1, batches, value));
        }

        return (sum / batches) + L2Penalty();
    }

    /// <summary>Computes unweighted measures without augmentation, in the natural distribution.</summary>
    private ValidationMetrics Validate(IBatchInput input, LabelTable validation, TaskLosses taskLosses, CancellationToken cancellation)
    {
        _network.IsTraining = false;
        Taxonomy taxonomy = validation.Taxonomy;
        ConfusionTable[] confusion = [.. taxonomy.Tasks.Select(task => new ConfusionTable(task.Labels))];
        var lossSums = new double[taxonomy.Tasks.Count];
        var labelled = new int[taxonomy.Tasks.Count];
        using (no_grad())
        {
            foreach (int[] cases in Enumerable.Range(0, validation.CaseCount).Chunk(ValidationBatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                using IDisposable memory = _memory.BeginStep();
                using DisposeScope step = NewDisposeScope();
                NetworkOutput output = input.Forward(input.Read(cases));
                LabelTable labels = validation.Subset(cases);
                Tensor[] losses = taskLosses.OfValidation(output, labels);
                for (int task = 0; task < losses.Length; task++)
                {
                    long[] predicted = output.Logits[task].argmax(1).cpu().data<long>().ToArray();
                    int[] truth = labels.Columns[task];
                    int known = 0;
                    for (int i = 0; i < truth.Length; i++)
                    {
                        if (truth[i] == LabelTable.Missing)
                            continue;
                        confusion[task].Add(truth[i], (int)predicted[i]);
                        known++;
                    }

                    lossSums[task] += losses[task].Value() * known;
                    labelled[task] += known;
                }
            }
        }

        double[] meanLosses = [.. lossSums.Zip(labelled, (sum, count) => sum / Math.Max(1, count))];
        double penalty = L2Penalty();
        if (_options.GateL1Regularization > 0)
        {
            using DisposeScope scope = NewDisposeScope();
            using var _ = no_grad();
            penalty += _options.GateL1Regularization * SumOfLearnedAlphas().Value();
        }

        return new ValidationMetrics(
            _combination.Combine(meanLosses) + penalty, meanLosses, [.. confusion.Select(c => c.MacroF1)], [.. confusion.Select(c => c.Accuracy)]);
    }

    private double L2Penalty()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        return 0.5 * _options.L2Regularization *
            _network.Trained.Where(p => p.Spec.Role == ParameterRole.Kernel).Sum(p => (p.Tensor * p.Tensor).sum().Value());
    }

    /// <summary>Computes Σα without a task's own channels, whose gates are fixed.</summary>
    private Tensor SumOfLearnedAlphas() =>
        stack(Blocks.Select(block => _network.Alphas(block).sum()).ToArray()).sum().Plus(-_network.Spec.TaskCount * _network.Spec.Channels.Sum());

    private float[][] MeasureSharing()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        int tasks = _network.Spec.TaskCount;
        return _network.Spec.Gates is null
            ? []
            : [.. Blocks.Select(block => _network.Alphas(block).reshape(tasks, tasks, -1).mean([2]).ToNamedTensor("").Values)];
    }

    private IEnumerable<int> Blocks => Enumerable.Range(0, _network.Spec.BlockCount);
}
