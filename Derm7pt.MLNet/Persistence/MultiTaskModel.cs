using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Persistence;

/// <summary>Everything that a trained model is, without torch: what a file holds.</summary>
/// <param name="Taxonomy">The tasks.</param>
/// <param name="Shape">The sizes of the network.</param>
/// <param name="Folded">The network as it scores.</param>
/// <param name="State">The network as it trains: parameters and running statistics by name.</param>
/// <param name="History">What the training measured.</param>
/// <param name="ParameterCount">The number of learned values.</param>
internal sealed record MultiTaskModel(
    Taxonomy Taxonomy,
    NetworkShape Shape,
    FoldedNetwork Folded,
    IReadOnlyList<NamedTensor> State,
    TrainingHistory History,
    long ParameterCount)
{
    /// <summary>How it was trained, by name and as text.</summary>
    public IReadOnlyDictionary<string, string> TrainingOptions { get; init; } = new Dictionary<string, string>();
}
