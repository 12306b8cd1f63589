using System.Diagnostics;
using Derm7pt.MLNet.Data;
using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Sampling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>
/// The training loop: batches from a sampler, focal loss, Adam, validation and early stopping. It knows neither CSV nor
/// ML.NET.
/// </summary>
internal sealed class Trainer
{
    private const int ValidationBatchSize = 64;

    private readonly GatedMultiTaskNetwork _network;
    private readonly TrainingSettings _settings;
    private readonly IBatchSampler _sampler;
    private readonly ILossCombination _combination;
    private readonly Device _device;

    /// <param name="network">What is trained; moved to the device.</param>
    /// <param name="settings">The numbers.</param>
    /// <param name="sampler">Says which cases make up a mini-batch.</param>
    /// <param name="combination">Makes one loss of the tasks' losses.</param>
    /// <param name="device">Where to train.</param>
    public Trainer(
        GatedMultiTaskNetwork network, TrainingSettings settings, IBatchSampler sampler, ILossCombination combination, Device device)
    {
        (_network, _settings, _sampler, _combination, _device) = (network, settings, sampler, combination, device);
        _network.to(device);
    }

    /// <summary>Trains, and leaves the weights of the best epoch in the network.</summary>
    /// <param name="train">The training cases.</param>
    /// <param name="validation">The validation cases; without them all epochs are run and the last one counts.</param>
    /// <param name="progress">Hears of every batch and epoch.</param>
    /// <param name="cancellation">Ends the run between two mini-batches.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The loss became infinite or not a number.</exception>
    public TrainingHistory Run(
        LabelledImages train, LabelledImages? validation, Action<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using Adam optimizer = CreateOptimizer();
        using var dropout = new Generator(0);
        var epochs = new List<EpochMetrics>();
        var stopping = new EarlyStopping(_settings.EarlyStoppingMetric, _settings.Patience);
        IReadOnlyList<NamedTensor>? best = null;

        for (int epoch = 0; epoch < _settings.MaximumEpochs; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            double trainingLoss = TrainEpoch(epoch, train, optimizer, dropout, progress, cancellation);
            ValidationMetrics? metrics = validation is null ? null : Validate(validation, cancellation);
            epochs.Add(new EpochMetrics(epoch + 1, trainingLoss, metrics, MeasureSharing(), Stopwatch.GetElapsedTime(start)));
            if (stopping.IsBest(epoch + 1, metrics) && validation is not null)
                best = NetworkState.Capture(_network);
            progress?.Invoke(new TrainingProgress.EpochDone(epochs[^1], stopping.BestEpoch, _settings.MaximumEpochs));
            if (stopping.ShouldStop(epoch + 1))
                break;
        }

        if (best is not null)
            NetworkState.Restore(_network, best);
        _network.eval();
        return new TrainingHistory(epochs, stopping.BestEpoch);
    }

    // The L2 term is Adam's weight decay: adding λ·w to the gradient of a kernel is the gradient of ½·λ·‖w‖².
    private Adam CreateOptimizer()
    {
        (string Name, Parameter Parameter, bool IsKernel)[] weights = [.. _network.Weights];
        Parameter[] gates = [.. _network.Sharing.SelectMany(sharing => sharing.SharingParameters)];
        var groups = new List<Adam.ParamGroup>
        {
            new(weights.Where(w => w.IsKernel).Select(w => w.Parameter), _settings.LearningRate, weight_decay: _settings.L2Regularization),
            new(weights.Where(w => !w.IsKernel).Select(w => w.Parameter), _settings.LearningRate),
        };
        if (gates.Length > 0)
            groups.Add(new Adam.ParamGroup(gates, _settings.GateLearningRate));
        return new Adam(groups, _settings.LearningRate);
    }

    private double TrainEpoch(
        int epoch, LabelledImages train, Adam optimizer, Generator dropout, Action<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        _network.train();
        dropout.manual_seed(SeedSequence.Derive(_settings.Seed, SeedSequence.Purpose.Dropout, epoch));
        double sum = 0;
        for (int batch = 0; batch < _settings.BatchesPerEpoch; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope step = NewDisposeScope();
            int[] cases = _sampler.Draw(epoch, batch);
            Tensor images = Batches.Images(train, cases, _device);
            if (_settings.Augmentation is { } augmentation)
            {
                images = Augmentation.Apply(
                    images, augmentation, SeedSequence.Random(_settings.Seed, SeedSequence.Purpose.Augmentation, epoch, batch));
            }

            NetworkOutput output = _network.Forward(images, dropout);
            Tensor loss = _combination.Combine(TaskLosses(output, train.Labels.Subset(cases), weighted: true));
            if (_settings.GateL1Regularization > 0)
                loss += _settings.GateL1Regularization * SumOfLearnedAlphas();
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();

            double value = loss.ToDouble();
            if (!double.IsFinite(value))
            {
                throw new InvalidOperationException(
                    $"Training diverged: the loss is {value} in epoch {epoch + 1}, batch {batch + 1}. A lower LearningRate or GateLearningRate may help.");
            }

            sum += value;
            progress?.Invoke(new TrainingProgress.BatchDone(epoch + 1, batch + 1, _settings.BatchesPerEpoch, value));
        }

        return (sum / _settings.BatchesPerEpoch) + L2Penalty();
    }

    private Tensor[] TaskLosses(NetworkOutput output, LabelTable labels, bool weighted)
    {
        int count = labels.CaseCount;
        var losses = new Tensor[output.Logits.Count];
        var weights = new float[count];
        for (int task = 0; task < losses.Length; task++)
        {
            int[] column = labels.Columns[task];
            if (weighted)
                BatchWeights.Compute(column, labels.Taxonomy.Tasks[task].Labels.Count, weights);
            else
                Array.ConvertAll(column, label => label == LabelTable.Missing ? 0f : 1f).CopyTo(weights, 0);
            losses[task] = FocalLoss.Mean(
                output.Logits[task],
                tensor(Array.ConvertAll(column, label => (long)Math.Max(label, 0)), device: _device),
                tensor(weights, device: _device),
                column.Count(label => label != LabelTable.Missing),
                _settings.FocusingParameter);
        }

        return losses;
    }

    /// <summary>Unweighted and unaugmented, in the natural distribution.</summary>
    private ValidationMetrics Validate(LabelledImages validation, CancellationToken cancellation)
    {
        _network.eval();
        Taxonomy taxonomy = validation.Labels.Taxonomy;
        ConfusionCounts[] confusion = [.. taxonomy.Tasks.Select(task => new ConfusionCounts(task.Labels.Count))];
        var lossSums = new double[taxonomy.Tasks.Count];
        var labelled = new int[taxonomy.Tasks.Count];
        using (no_grad())
        {
            foreach (int[] cases in Enumerable.Range(0, validation.Count).Chunk(ValidationBatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                using DisposeScope step = NewDisposeScope();
                NetworkOutput output = _network.forward(Batches.Images(validation, cases, _device));
                LabelTable labels = validation.Labels.Subset(cases);
                Tensor[] losses = TaskLosses(output, labels, weighted: false);
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

                    lossSums[task] += losses[task].ToDouble() * known;
                    labelled[task] += known;
                }
            }
        }

        double[] taskLosses = [.. lossSums.Zip(labelled, (sum, count) => sum / Math.Max(1, count))];
        double penalty = L2Penalty();
        if (_settings.GateL1Regularization > 0)
        {
            using DisposeScope scope = NewDisposeScope();
            using var _ = no_grad();
            penalty += _settings.GateL1Regularization * SumOfLearnedAlphas().ToDouble();
        }

        return new ValidationMetrics(
            taskLosses.Sum() + penalty, taskLosses, [.. confusion.Select(c => c.MacroF1)], [.. confusion.Select(c => c.Accuracy)]);
    }

    private double L2Penalty()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        return 0.5 * _settings.L2Regularization *
            _network.Weights.Where(w => w.IsKernel).Sum(w => w.Parameter.square().sum().ToDouble());
    }

    /// <summary>Σα without the own channels, whose gates are fixed.</summary>
    private Tensor SumOfLearnedAlphas() =>
        stack(_network.Sharing.Select(sharing => sharing.Alphas().sum()).ToArray()).sum() - _network.Shape.OwnGateCount;

    private float[][] MeasureSharing()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        int tasks = _network.Shape.TaskCount;
        return [.. _network.Sharing.Select(sharing => NetworkState.ToNamedTensor("", sharing.Alphas().reshape(tasks, tasks, -1).mean([2])).Values)];
    }
}
