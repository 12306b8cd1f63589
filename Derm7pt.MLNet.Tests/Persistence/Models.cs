using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence;
using Derm7pt.MLNet.Persistence.Onnx;
using Derm7pt.MLNet.Tests.Network;
using Google.Protobuf;

namespace Derm7pt.MLNet.Tests.Persistence;

/// <summary>Models as a training leaves them, made without one, and their files.</summary>
internal static class Models
{
    /// <summary>A narrow network for images of the size that <see cref="ScoringData"/> has.</summary>
    public static MultiTaskModel Small(
        GateMode gates = GateMode.Learned, Taxonomy? taxonomy = null, int seed = 7, params int[] filters)
    {
        taxonomy ??= Taxonomy.Derm7pt;
        int[] labels = [.. taxonomy.Tasks.Select(task => task.Labels.Count)];
        var shape = new NetworkShape([.. labels], filters is [] ? [1, 1] : [.. filters], gates, GateSteepness: 3, Dropout: 0.3);
        using GatedMultiTaskNetwork network = Networks.Random(gates, seed, shape);
        return new MultiTaskModel(
            taxonomy, shape, NetworkFolding.Fold(network, RandomNetwork.SmallHeight, RandomNetwork.SmallWidth),
            NetworkState.Capture(network), History(shape), network.ParameterCount);
    }

    /// <summary>The model with another state, and folded anew.</summary>
    public static MultiTaskModel With(this MultiTaskModel model, Func<NamedTensor, NamedTensor> change)
    {
        NamedTensor[] state = [.. model.State.Select(change)];
        FoldedNetwork folded = NetworkFolding.Fold(model.Shape, state, model.Folded.ImageHeight, model.Folded.ImageWidth);
        return model with { State = state, Folded = folded };
    }

    /// <summary>A file with something changed in it, sealed again: what somebody makes who knows the format.</summary>
    public static byte[] Forge(byte[] onnx, Action<ModelProto> change)
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(ModelFile.Unseal(onnx).ToArray());
        change(proto);
        return ModelFile.Seal(proto.ToByteArray());
    }

    private static TrainingHistory History(NetworkShape shape)
    {
        int tasks = shape.TaskCount;
        var random = new Random(1);
        return new TrainingHistory([Epoch(1, validated: true), Epoch(2, validated: false)], BestEpoch: 1);

        EpochMetrics Epoch(int number, bool validated) => new(
            number,
            random.NextDouble(),
            validated ? new ValidationMetrics(random.NextDouble(), Values(), Values(), Values()) : null,
            [.. shape.Filters.Select(_ => Enumerable.Range(0, tasks * tasks).Select(_ => random.NextSingle()).ToArray())],
            TimeSpan.FromTicks(random.Next()));

        double[] Values() => [.. Enumerable.Range(0, tasks).Select(_ => random.NextDouble())];
    }
}
