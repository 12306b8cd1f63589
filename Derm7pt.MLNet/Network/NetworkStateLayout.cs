using System.Collections.Immutable;

namespace Derm7pt.MLNet.Network;

/// <summary>
/// What the tensors of a network's state are called and how large they are: what <see cref="NetworkState"/> captures,
/// known without building a network.
/// </summary>
internal static class NetworkStateLayout
{
    public const string HeadMix = "heads.mix";
    public const string DenseWeight = "heads.dense_weight";
    public const string DenseBias = "heads.dense_bias";

    public static string Mix(int block) => $"blocks.{block}.mix";

    public static string Kernel(int block) => $"blocks.{block}.kernel";

    public static string GateLogits(int block) => $"sharing.{block}.a";

    public static string RunningMean(int block) => $"sharing.{block}.running_mean";

    public static string RunningVariance(int block) => $"sharing.{block}.running_var";

    public static string LogitsWeight(int task) => $"heads.logits_weight.{task}";

    public static string LogitsBias(int task) => $"heads.logits_bias.{task}";

    public static string Weight(string mix) => $"{mix}.weight";

    public static string Bias(string mix) => $"{mix}.bias";

    /// <summary>The shape of every tensor, by name.</summary>
    public static IReadOnlyDictionary<string, ImmutableArray<long>> Shapes(NetworkShape shape)
    {
        var shapes = new Dictionary<string, ImmutableArray<long>>();
        long tasks = shape.TaskCount;
        for (int block = 0; block < shape.BlockCount; block++)
        {
            long channels = shape.Filters[block], read = NetworkShape.PixelChannels, size = NetworkShape.KernelSize(block);
            if (block > 0)
                read = AddMix(Mix(block), shape.Filters[block - 1]);
            shapes.Add(Kernel(block), [tasks * channels, read, size, size]);
            if (shape.Gates == GateMode.Learned)
                shapes.Add(GateLogits(block), [tasks, tasks * channels]);
            shapes.Add(RunningMean(block), [tasks * channels]);
            shapes.Add(RunningVariance(block), [tasks * channels]);
        }

        long width = AddMix(HeadMix, shape.Filters[^1]);
        shapes.Add(DenseWeight, [tasks, width, width]);
        shapes.Add(DenseBias, [tasks, 1, width]);
        for (int task = 0; task < tasks; task++)
        {
            shapes.Add(LogitsWeight(task), [shape.LabelCounts[task], width]);
            shapes.Add(LogitsBias(task), [shape.LabelCounts[task]]);
        }

        return shapes;

        long AddMix(string name, long previousChannels)
        {
            long mixed = NetworkShape.MixFactor * previousChannels;
            shapes.Add(Weight(name), [tasks, mixed, tasks * previousChannels]);
            shapes.Add(Bias(name), [tasks * mixed]);
            return mixed;
        }
    }

    /// <summary>The number of learned values: weights, biases and the gates that are not fixed.</summary>
    public static long ParameterCount(NetworkShape shape) =>
        shape.LearnedGateCount + Shapes(shape)
            .Where(entry => !entry.Key.StartsWith("sharing.", StringComparison.Ordinal))
            .Sum(entry => entry.Value.Aggregate((x, y) => x * y));
}
