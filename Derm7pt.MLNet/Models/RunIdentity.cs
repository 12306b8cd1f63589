using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// Represents the settings and data that determine the weights of a run after a number of epochs, as text by name. Runs with equal
/// entries are the same run.
/// </summary>
/// <remarks>
/// The entries contain the whole recipe except the number of epochs, because a longer run passes through the states of a shorter one,
/// unless the learning rates decrease over all epochs. A run can continue on another device or kind of processor, such as another node
/// of a cluster; its numbers then differ in the last digits. The kind of processor is recorded so that this can be reported.
/// </remarks>
internal sealed class RunIdentity(IReadOnlyDictionary<string, string> entries)
{
    private const int HashDigits = 16;
    private const int MaximumValueLength = 200;

    // A longer run passes through the states of a shorter one.
    private const string NumberOfEpochs = $"{nameof(TrainingRecipe.Training)}.{nameof(TrainingOptions.MaximumEpochs)}";

    // Training and its validation use the unchanged images.
    private const string TestTimeAugmentation = $"{nameof(TrainingRecipe.Network)}.{nameof(NetworkOptions.TestTimeAugmentation)}";

    private const string Processor = "Processor";

    public IReadOnlyDictionary<string, string> Entries { get; } = entries;

    /// <param name="taxonomy">The tasks.</param>
    /// <param name="recipe">The options of the network and its training.</param>
    /// <param name="sampling">The description of how mini-batches are drawn.</param>
    /// <param name="train">The training cases.</param>
    /// <param name="validation">The validation cases.</param>
    /// <param name="initial">The initial weights; null if they are random.</param>
    /// <param name="processor">The kind of processor that computes the run; null for other devices.</param>
    public static RunIdentity Create(
        Taxonomy taxonomy, TrainingRecipe recipe, string sampling, LabelledImages train,
        LabelledImages? validation, IReadOnlyList<NamedTensor>? initial, string? processor)
    {
        var entries = new Dictionary<string, string>
        {
            ["Taxonomy"] = $"{taxonomy.Name}, SHA-256 {Shorten(SHA256.HashData(Encoding.UTF8.GetBytes(TaxonomyJson.WriteStored(taxonomy))))}",
        };
        bool dependsOnLength = recipe.Training.LearningRateSchedule == LearningRateSchedule.Cosine;
        foreach ((string name, string value) in recipe.Describe())
        {
            if (name != TestTimeAugmentation && (dependsOnLength || name != NumberOfEpochs))
                entries.Add(name, value);
        }

        // Another version may compute the same values in another order.
        entries.Add("Derm7pt.MLNet", Version(typeof(RunIdentity)));
        entries.Add("TorchSharp", Version(typeof(TorchSharp.torch)));
        entries.Add("Sampling", sampling);
        entries.Add("Image size", Invariant($"{train.Width}×{train.Height}"));
        entries.Add("Training cases", Describe(train));
        entries.Add("Validation cases", validation is null ? "none" : Describe(validation));
        entries.Add("InitialModel", initial is null ? "none" : $"SHA-256 {Shorten(Hash(initial))}");
        if (processor is not null)
            entries.Add(Processor, processor);
        return new RunIdentity(entries);
    }

    /// <summary>Lists the reasons why this run cannot continue from the state of another run; empty if it can.</summary>
    /// <param name="checkpoint">The run to which the state belongs.</param>
    public IEnumerable<string> Conflicts(RunIdentity checkpoint) =>
        Differences(Deciding(checkpoint.Entries), "the checkpoint", Deciding(Entries), "this run");

    /// <summary>Lists the warnings for a run that continues from a state that was computed on another kind of processor.</summary>
    /// <inheritdoc cref="Conflicts"/>
    public IEnumerable<string> Warnings(RunIdentity checkpoint)
    {
        // Runs on other devices and checkpoints of older versions have no kind of processor.
        if (Entries.TryGetValue(Processor, out string? here) && checkpoint.Entries.TryGetValue(Processor, out string? there) && here != there)
        {
            yield return $"The checkpoint was written on another kind of processor ({there}; this one is {here}). Training goes on, but its " +
                "numbers will differ in the last digits from those of a run on one kind of processor.";
        }
    }

    /// <summary>Lists the settings of a network, as text by name.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Describe(NetworkSpec network)
    {
        yield return new("LabelCounts", $"[{string.Join(",", network.LabelCounts)}]");
        yield return new("Filters", $"[{string.Join(",", network.Channels)}]");
        yield return new("KernelSizes", $"[{string.Join(",", network.Blocks.Select(block => block.KernelSize))}]");
        yield return new("Strides", $"[{string.Join(",", network.Blocks.Select(block => block.Stride))}]");
        foreach ((string part, JsonNode? layer) in JsonSerializer.SerializeToNode(network, NetworkJson.Default.NetworkSpec)!.AsObject())
        {
            // For example, Sharing: gates; Sharing.Mode: Learned.
            foreach ((string name, string value) in layer is JsonObject settings ? Texts(settings) : [])
                yield return new(name == "kind" ? Capital(part) : $"{Capital(part)}.{Capital(name)}", value);
        }
    }

    /// <summary>Lists the differences between two sets of entries, such as <c>Seed: 1 in the checkpoint, 2 in this run</c>.</summary>
    public static IEnumerable<string> Differences(
        IReadOnlyDictionary<string, string> there, string nameOfThere, IReadOnlyDictionary<string, string> here, string nameOfHere) =>
        from name in here.Keys.Union(there.Keys)
        let values = (There: there.GetValueOrDefault(name, "nothing"), Here: here.GetValueOrDefault(name, "nothing"))
        where values.There != values.Here
        select $"{name}: {values.There} in {nameOfThere}, {values.Here} in {nameOfHere}";

    private static Dictionary<string, string> Deciding(IReadOnlyDictionary<string, string> entries) =>
        entries.Where(entry => entry.Key != Processor).ToDictionary();

    private static IEnumerable<KeyValuePair<string, string>> Texts(JsonObject settings) =>
        settings.Select(p => KeyValuePair.Create(p.Key, Compact(p.Value?.ToJsonString().Trim('"') ?? "none")));

    // Long lists of settings are too long for a message and are replaced by a checksum.
    private static string Compact(string value) =>
        value.Length <= MaximumValueLength ? value : $"SHA-256 {Shorten(SHA256.HashData(Encoding.UTF8.GetBytes(value)))}";

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static string Version(Type type) => type.Assembly.GetName().Version?.ToString() ?? "unknown";

    private static string Describe(LabelledImages images) => $"{images.Count}, SHA-256 {Shorten(images.Hash())}";

    private static byte[] Hash(IReadOnlyList<NamedTensor> state)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (NamedTensor tensor in state)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.Name} [{string.Join(", ", tensor.Shape)}]"));
            hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Values));
        }

        return hash.GetHashAndReset();
    }

    private static string Shorten(byte[] hash) => Convert.ToHexStringLower(hash)[..HashDigits];
}
