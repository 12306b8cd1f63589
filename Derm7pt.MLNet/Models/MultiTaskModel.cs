using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Models;

/// <summary>Represents a trained model as it is stored in a file, without torch.</summary>
/// <param name="Taxonomy">The tasks.</param>
/// <param name="Network">The description of the network.</param>
/// <param name="ImageHeight">The height of the input images, in pixels.</param>
/// <param name="ImageWidth">The width of the input images, in pixels.</param>
/// <param name="State">The tensors of the network: parameters and buffers by name.</param>
/// <param name="History">The history of the training.</param>
internal sealed record MultiTaskModel(
    Taxonomy Taxonomy, NetworkSpec Network, int ImageHeight, int ImageWidth, IReadOnlyList<NamedTensor> State, TrainingHistory History)
{
    /// <summary>The network and how it was trained; <see langword="null"/> if the model was read from a file of format 1 or 2.</summary>
    public TrainingRecipe? Recipe { get; init; }

    /// <summary>Further details of the training, or all details if there is no recipe, as text by name.</summary>
    public IReadOnlyDictionary<string, string> TrainingDetails { get; init; } = new Dictionary<string, string>();

    /// <summary>The columns that scoring with the model adds.</summary>
    public OutputLayout Outputs => CreateOutputs(Taxonomy, Network);

    /// <summary>Creates the list of columns that scoring with a model of this network adds.</summary>
    public static OutputLayout CreateOutputs(Taxonomy taxonomy, NetworkSpec network) =>
        OutputLayout.Create(taxonomy, network.Gates is null ? [] : network.Channels);
}
