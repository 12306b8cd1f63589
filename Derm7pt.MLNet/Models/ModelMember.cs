using System.Runtime.InteropServices;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet.Models;

/// <summary>Represents the result of one training. A model has one member; an ensemble has several members of the same network.</summary>
/// <param name="State">The tensors of the network: parameters and buffers by name.</param>
/// <param name="History">The history of the training.</param>
internal sealed record ModelMember(IReadOnlyList<NamedTensor> State, TrainingHistory History)
{
    /// <summary>The network and how it was trained; <see langword="null"/> if the model was read from a file of format 1 or 2.</summary>
    public TrainingRecipe? Recipe { get; init; }

    /// <summary>Gets the path of a member's tensors in the graph of an ensemble.</summary>
    /// <param name="index">The zero-based member.</param>
    public static string Path(int index) => Invariant($"members.{index}");

    /// <summary>Returns the member with a changed setting in its recipe.</summary>
    public ModelMember WithTestTimeAugmentation(bool isOn) => this with
    {
        Recipe = Recipe is null
            ? null
            : new TrainingRecipe { Network = new NetworkOptions(Recipe.Network) { TestTimeAugmentation = isOn }, Training = Recipe.Training },
    };

    /// <summary>Returns whether two members have the same encoder, bit for bit, as after trainings with one frozen encoder.</summary>
    public bool HasEncoderOf(ModelMember other, NetworkSpec network)
    {
        if (ReferenceEquals(this, other))
            return true;
        HashSet<string> names = [.. network.Parameters().Where(parameter => parameter.IsEncoder).Select(parameter => parameter.Name)];
        Dictionary<string, float[]> theirs = other.State.Where(tensor => names.Contains(tensor.Name))
            .ToDictionary(tensor => tensor.Name, tensor => tensor.Values);
        return State.Where(tensor => names.Contains(tensor.Name))
            .All(tensor => MemoryMarshal.AsBytes<float>(tensor.Values).SequenceEqual(MemoryMarshal.AsBytes<float>(theirs[tensor.Name])));
    }
}
