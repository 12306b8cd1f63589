using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Benchmarks.Encoders;

/// <summary>The network of the preset for a pretrained encoder, with the weights of the encoder's file.</summary>
internal static class EncoderNetwork
{
    /// <summary>The options of the preset, without crop and resize: the images have the size that the encoder reads.</summary>
    public static TrainingRecipe Recipe { get; } = new()
    {
        Network = new NetworkOptions(TrainingRecipe.Pretrained().Network) { BorderPixels = 0, InputSize = null },
        Training = TrainingRecipe.Pretrained().Training,
    };

    /// <param name="dropout">The share of units that dropout zeroes in the heads; that of the preset if null.</param>
    public static (NetworkSpec Spec, EncoderFile File) Load(double? dropout = null)
    {
        EncoderFile file = EncoderFile.Load(Recipe.Network.Encoder!);
        NetworkSpec spec = Recipe.Network.CreateNetwork(Taxonomy.Derm7pt.Tasks.Select(task => task.Labels.Count), file.Encoder);
        return (dropout is { } share ? spec with { Heads = (ParallelHeads)spec.Heads with { Dropout = share } } : spec, file);
    }

    /// <summary>Creates a training step of the network.</summary>
    public static OurTrainingStep CreateStep(TrainingCases cases, NetworkSpec spec, EncoderFile file)
    {
        var step = new OurTrainingStep(spec, cases, Recipe.Training);
        step.Network.RestorePart(NetworkSpec.EncoderPath, file.Weights);
        return step;
    }
}
