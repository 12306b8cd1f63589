using System.Collections.Immutable;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Models;

/// <summary>Represents a trained model, or an ensemble of models of one network, as it is stored in a file, without torch.</summary>
/// <param name="Taxonomy">The tasks.</param>
/// <param name="Network">The description of the network.</param>
/// <param name="ImageHeight">The height of the input images, in pixels.</param>
/// <param name="ImageWidth">The width of the input images, in pixels.</param>
/// <param name="Members">The results of the trainings, over which scoring averages; one if the model is not an ensemble.</param>
internal sealed record MultiTaskModel(
    Taxonomy Taxonomy, NetworkSpec Network, int ImageHeight, int ImageWidth, ImmutableArray<ModelMember> Members)
{
    public bool IsEnsemble => Members.Length > 1;

    /// <summary>The history of the training; without epochs for an ensemble, whose trainings are independent.</summary>
    public TrainingHistory History => IsEnsemble ? new TrainingHistory([], bestEpoch: 0) : Members[0].History;

    /// <summary>The recipe of the first member; <see langword="null"/> if the recipes of the members differ in more than the seed.</summary>
    public TrainingRecipe? Recipe =>
        !IsEnsemble || Members.Select(member => WithSeed(member.Recipe, 0)).Distinct().Count() == 1 ? Members[0].Recipe : null;

    /// <summary>Further details of the training, or all details if there is no recipe, as text by name.</summary>
    public IReadOnlyDictionary<string, string> TrainingDetails { get; init; } = new Dictionary<string, string>();

    /// <summary>The columns that scoring with the model adds.</summary>
    public OutputLayout Outputs => CreateOutputs(Taxonomy, Network);

    /// <summary>Creates the list of columns that scoring with a model of this network adds.</summary>
    public static OutputLayout CreateOutputs(Taxonomy taxonomy, NetworkSpec network) =>
        OutputLayout.Create(taxonomy, network.Gates is null ? [] : network.Channels);

    /// <summary>Writes a recipe with another seed as text.</summary>
    private static string? WithSeed(TrainingRecipe? recipe, int seed) => recipe is null
        ? null
        : new TrainingRecipe { Network = recipe.Network, Training = new TrainingOptions(recipe.Training) { Seed = seed } }.ToJson();
}
