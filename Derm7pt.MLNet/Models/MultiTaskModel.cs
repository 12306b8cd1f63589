using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Models;

/// <summary>A trained model, without torch: what a file holds.</summary>
/// <param name="Taxonomy">The tasks.</param>
/// <param name="Network">The description of the network.</param>
/// <param name="ImageHeight">H, in pixels.</param>
/// <param name="ImageWidth">W, in pixels.</param>
/// <param name="State">The tensors of the network: parameters and buffers by name.</param>
/// <param name="History">What the training measured.</param>
internal sealed record MultiTaskModel(
    Taxonomy Taxonomy, NetworkSpec Network, int ImageHeight, int ImageWidth, IReadOnlyList<NamedTensor> State, TrainingHistory History)
{
    /// <summary>The network and how it was trained; <see langword="null"/> if the model came from a file of format 1 or 2.</summary>
    public TrainingRecipe? Recipe { get; init; }

    /// <summary>What else decided the training, or all of it where there is no recipe: by name and as text.</summary>
    public IReadOnlyDictionary<string, string> TrainingDetails { get; init; } = new Dictionary<string, string>();

    /// <summary>The columns that scoring with the model adds.</summary>
    public OutputLayout Outputs => CreateOutputs(Taxonomy, Network);

    /// <summary>The columns that scoring with a model of this network adds.</summary>
    public static OutputLayout CreateOutputs(Taxonomy taxonomy, NetworkSpec network) =>
        OutputLayout.Create(taxonomy, network.Gates is null ? [] : network.Channels);
}
