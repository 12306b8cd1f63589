using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Tasks;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>The loss of every task for a batch; a missing label takes no part in it.</summary>
internal sealed class TaskLosses
{
    private readonly TrainingOptions _options;
    private readonly Device _device;

    // The field is null if the weights depend on the mini-batch.
    private readonly float[][]? _classWeights;

    /// <param name="options">Focusing, smoothing and weights.</param>
    /// <param name="train">The labels of the training cases, whose frequencies class weights depend on.</param>
    /// <param name="device">Where the logits are.</param>
    public TaskLosses(TrainingOptions options, LabelTable train, Device device)
    {
        (_options, _device) = (options, device);
        _classWeights = options.ClassWeightExponent is { } exponent ? ClassWeights.Compute(train, exponent) : null;
    }

    /// <summary>Computes the losses with the weights and the smoothing of the options.</summary>
    /// <param name="output">The output of the network for the batch.</param>
    /// <param name="labels">The labels of its cases.</param>
    /// <param name="mixture">How its images were mixed; null if they were not.</param>
    /// <returns>For each task a scalar.</returns>
    public Tensor[] OfTraining(NetworkOutput output, LabelTable labels, Mixture? mixture = null)
    {
        var losses = new Tensor[output.Logits.Count];
        for (int task = 0; task < losses.Length; task++)
        {
            int[] column = labels.Columns[task];
            float[] weights = Weights(task, column, labels.Taxonomy.Tasks[task].Labels.Count);
            losses[task] = mixture is null
                ? Mean(output.Logits[task], column, weights, column, _options.LabelSmoothing)
                : Mean(output.Logits[task], column, mixture.OwnParts(weights), column, _options.LabelSmoothing)
                    .Plus(Mean(output.Logits[task], mixture.OfPartners(column), mixture.PartnerParts(weights), column, _options.LabelSmoothing));
        }

        return losses;
    }

    /// <summary>Computes the losses without weights and smoothing, so that validation does not depend on these options.</summary>
    public Tensor[] OfValidation(NetworkOutput output, LabelTable labels) =>
    [
        .. output.Logits.Zip(labels.Columns, (logits, column) => Mean(
            logits, column, Array.ConvertAll(column, label => label == LabelTable.Missing ? 0f : 1f), column, smoothing: 0)),
    ];

    private float[] Weights(int task, int[] column, int labelCount)
    {
        if (_classWeights is not null)
            return Array.ConvertAll(column, label => label == LabelTable.Missing ? 0 : _classWeights[task][label]);
        var weights = new float[column.Length];
        BatchWeights.Compute(column, labelCount, weights);
        return weights;
    }

    // The number of known labels is that of the batch, mixed or not, so that both parts of a mixture have the same divisor.
    private Tensor Mean(Tensor logits, int[] labels, float[] weights, int[] known, double smoothing) => FocalLoss.Mean(
        logits,
        tensor(Array.ConvertAll(labels, label => (long)Math.Max(label, 0)), device: _device),
        tensor(weights, device: _device),
        known.Count(label => label != LabelTable.Missing),
        _options.FocusingParameter,
        smoothing);
}
