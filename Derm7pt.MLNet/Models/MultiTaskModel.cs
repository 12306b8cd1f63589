using System.Collections.Immutable;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Models;

/// <summary>A trained model, or an ensemble of several with one network, without torch: what a file holds.</summary>
/// <param name="Taxonomy">The tasks.</param>
/// <param name="Network">The description of the network.</param>
/// <param name="ImageHeight">H, in pixels.</param>
/// <param name="ImageWidth">W, in pixels.</param>
/// <param name="Members">What each training gave; scoring averages the probabilities over them.</param>
internal sealed record MultiTaskModel(
    Taxonomy Taxonomy, NetworkSpec Network, int ImageHeight, int ImageWidth, ImmutableArray<ModelMember> Members)
{
    public bool IsEnsemble => Members.Length > 1;

    /// <summary>What the training measured. The trainings of an ensemble have no epochs in common.</summary>
    public TrainingHistory History => IsEnsemble ? new TrainingHistory([], bestEpoch: 0) : Members[0].History;

    /// <summary>The recipe of the first member, where those of the others differ from it by their seed at most.</summary>
    public TrainingRecipe? Recipe =>
        !IsEnsemble || Members.Select(member => WithSeed(member.Recipe, 0)).Distinct().Count() == 1 ? Members[0].Recipe : null;

    /// <summary>What else decided the training, or all of it where there is no recipe: by name and as text.</summary>
    public IReadOnlyDictionary<string, string> TrainingDetails { get; init; } = new Dictionary<string, string>();

    /// <summary>The columns that scoring with the model adds.</summary>
    public OutputLayout Outputs => CreateOutputs(Taxonomy, Network);

    /// <summary>The columns that scoring with a model of this network adds.</summary>
    public static OutputLayout CreateOutputs(Taxonomy taxonomy, NetworkSpec network) =>
        OutputLayout.Create(taxonomy, network.Gates is null ? [] : network.Channels);

    /// <summary>A recipe as text, with another seed.</summary>
    private static string? WithSeed(TrainingRecipe? recipe, int seed) => recipe is null
        ? null
        : new TrainingRecipe { Network = recipe.Network, Training = new TrainingOptions(recipe.Training) { Seed = seed } }.ToJson();
}
