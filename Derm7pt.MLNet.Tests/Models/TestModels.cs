using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>Models in the form that training returns, created without training and without torch, and their files.</summary>
internal static class TestModels
{
    /// <summary>The images are oblong, so that exchanging rows and columns is detected.</summary>
    public const int Height = 21;

    public const int Width = 32;

    /// <summary>The default network: four blocks of 2, 4, 8 and 16 filters.</summary>
    public static MultiTaskModel Default(Taxonomy taxonomy, int seed, int size = 96) => Create(taxonomy, seed, size, size, [2, 4, 8, 16]);

    /// <summary>Creates a narrow network for images of <see cref="Height"/> × <see cref="Width"/> pixels.</summary>
    public static MultiTaskModel Small(
        GateMode gates = GateMode.Learned, Taxonomy? taxonomy = null, int seed = 7, params int[] filters) =>
        Create(taxonomy ?? Taxonomy.Derm7pt, seed, Height, Width, filters is [] ? [1, 1] : filters, gates);

    /// <summary>Creates a model in which no tensor has its initial value.</summary>
    public static MultiTaskModel Create(
        Taxonomy taxonomy, int seed, int height, int width, IReadOnlyList<int> filters, GateMode gates = GateMode.Learned)
    {
        NetworkSpec network = NetworkSpec.Gated(
            taxonomy.Tasks.Select(task => task.Labels.Count), filters, gates, gateSteepness: 3, dropout: 0.3);
        return Create(taxonomy, network, seed, height, width);
    }

    /// <inheritdoc cref="Create(Taxonomy, int, int, int, IReadOnlyList{int}, GateMode)"/>
    public static MultiTaskModel Create(Taxonomy taxonomy, NetworkSpec network, int seed, int height, int width)
    {
        var random = new Random(seed);
        return new MultiTaskModel(
            taxonomy, network, height, width,
            [new ModelMember([.. network.Parameters().Select(parameter => Randomize(parameter, random))], History(network))]);
    }

    /// <summary>Returns the model with another state; of an ensemble, with other states of all members.</summary>
    public static MultiTaskModel With(this MultiTaskModel model, Func<NamedTensor, NamedTensor> change) =>
        model with { Members = [.. model.Members.Select(member => member with { State = [.. member.State.Select(change)] })] };

    /// <summary>The model with another history.</summary>
    public static MultiTaskModel WithHistory(this MultiTaskModel model, TrainingHistory history) =>
        model with { Members = [model.Members[0] with { History = history }] };

    /// <summary>An ensemble of models of one network.</summary>
    public static MultiTaskModel Combine(params MultiTaskModel[] models) => Ensemble.Combine(models, null, testTimeAugmentation: null).Model;

    /// <summary>Gets a tensor of the model.</summary>
    public static NamedTensor Tensor(this MultiTaskModel model, string name) => model.Members[0].State.Single(tensor => tensor.Name == name);

    /// <summary>Changes the content of a file and computes its checksum again, as a program that can write the format would.</summary>
    public static byte[] Forge(byte[] onnx, Action<ModelProto> change)
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(ModelFile.Unseal(onnx).ToArray());
        change(proto);
        return ModelFile.Seal(proto.ToByteArray());
    }

    /// <summary>Draws values of a plausible size for each role: He initialization for kernels, which preserves the magnitude of features from block to block.</summary>
    public static NamedTensor Randomize(ParameterSpec parameter, Random random)
    {
        float scale = parameter.Role == ParameterRole.Kernel ? MathF.Sqrt(6f / parameter.Initialization.FanIn) : 0.5f;
        var values = new float[parameter.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = parameter.Minimum >= 0 ? 0.5f + random.NextSingle() : scale * ((2 * random.NextSingle()) - 1);
        return new NamedTensor(parameter.Name, parameter.Shape, values);
    }

    private static TrainingHistory History(NetworkSpec network)
    {
        int tasks = network.TaskCount;
        var random = new Random(1);
        return new TrainingHistory([Epoch(1, validated: true), Epoch(2, validated: false)], bestEpoch: 1);

        EpochMetrics Epoch(int number, bool validated) => new(
            number,
            random.NextDouble(),
            validated ? new ValidationMetrics(random.NextDouble(), Values(), Values(), Values()) : null,
            network.Gates is null ? [] : [.. network.Channels.Select(_ => Enumerable.Range(0, tasks * tasks).Select(_ => random.NextSingle()).ToArray())],
            TimeSpan.FromTicks(random.Next()));

        double[] Values() => [.. Enumerable.Range(0, tasks).Select(_ => random.NextDouble())];
    }
}
