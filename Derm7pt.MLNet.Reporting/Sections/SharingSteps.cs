using System.Text.Json;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Reporting.Plots;

namespace Derm7pt.MLNet.Reporting.Sections;

/// <summary>The sharing matrices that the slider steps through: those of some epochs, and at last those of the model as it was kept.</summary>
internal static class SharingSteps
{
    private const int MostEpochs = 100;

    /// <summary>The matrices of the model: over all blocks, then block by block.</summary>
    public static IReadOnlyList<SharingMatrix> Final(GateInterpretation gates) =>
        [gates.Overall(), .. Enumerable.Range(0, gates.ChannelCounts.Count).Select(block => gates.Block(block))];

    public static IReadOnlyList<EpochSharing> Epochs(GateInterpretation gates) => Sparse.Take(gates.Epochs, MostEpochs);

    public static string KeptName(Derm7ptMultiTaskTransformer model) =>
        model.History.BestEpoch > 0 ? Invariant($"the model as kept (epoch {model.History.BestEpoch})") : "the model as kept";

    /// <summary>For each step its name and, for each matrix, its entries row by row; none without gates. Safe inside a script element.</summary>
    public static string ToJson(Derm7ptMultiTaskTransformer model)
    {
        if (!model.HasGates)
            return "[]";
        GateInterpretation gates = model.Gates;
        IEnumerable<(string Name, IReadOnlyList<SharingMatrix> Matrices)> steps = Epochs(gates)
            .Select(epoch => (Invariant($"epoch {epoch.Epoch} of {gates.Epochs[^1].Epoch}"), (IReadOnlyList<SharingMatrix>)[epoch.Overall, .. epoch.Blocks]))
            .Append((KeptName(model), Final(gates)));
        // The serializer's own encoder writes < and > as escapes.
        return JsonSerializer.Serialize(
            steps.Select(step => new SharingStep(step.Name, step.Matrices.Select(Entries))), SharingJson.Default.IEnumerableSharingStep);
    }

    private static IEnumerable<double> Entries(SharingMatrix matrix) =>
        from taking in Enumerable.Range(0, matrix.Tasks.Count)
        from giving in Enumerable.Range(0, matrix.Tasks.Count)
        select Math.Round(matrix[taking, giving], 1);
}

/// <summary>A position of the slider: its name and, for each matrix, its entries row by row.</summary>
internal sealed record SharingStep(string Name, IEnumerable<IEnumerable<double>> Matrices);

/// <summary>Provides the source-generated serialization of the steps.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IEnumerable<SharingStep>))]
internal sealed partial class SharingJson : JsonSerializerContext;
