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

    /// <param name="options">The options of a network with an encoder; those of <see cref="Recipe"/> if null.</param>
    public static (NetworkSpec Spec, EncoderFile File) Load(NetworkOptions? options = null)
    {
        options ??= Recipe.Network;
        EncoderFile file = EncoderFile.Load(options.Encoder!);
        return (options.CreateNetwork(Taxonomy.Derm7pt.Tasks.Select(task => task.Labels.Count), file.Encoder), file);
    }

    /// <summary>Creates a training step of the network.</summary>
    public static OurTrainingStep CreateStep(TrainingCases cases, NetworkSpec spec, EncoderFile file)
    {
        var step = new OurTrainingStep(spec, cases, Recipe.Training);
        step.Network.RestorePart(NetworkSpec.EncoderPath, file.Weights);
        return step;
    }
}
