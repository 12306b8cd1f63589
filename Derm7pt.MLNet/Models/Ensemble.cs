using System.Collections.Immutable;
using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Models;

/// <summary>Combines several models into one.</summary>
internal static class Ensemble
{
    /// <param name="models">The models; members of ensembles become members of the result.</param>
    /// <param name="input">The input columns of the result; <see cref="FittedInput.Default"/> if null.</param>
    /// <param name="testTimeAugmentation">Whether scoring averages over views; null for the setting of the models.</param>
    /// <exception cref="ArgumentException">There are no models, they are too many or too large, or they differ; the message names the differences.</exception>
    public static SavedModel Combine(IReadOnlyList<MultiTaskModel> models, FittedInput? input, bool? testTimeAugmentation)
    {
        if (models.Count == 0)
            throw new ArgumentException("Expected at least one model, got none.", nameof(models));
        MultiTaskModel first = models[0];
        bool isOn = testTimeAugmentation ?? first.Network.TestTimeAugmentation;
        for (int i = 1; i < models.Count; i++)
        {
            string[] differences = [.. Differences(models[i], first, ignoreViews: testTimeAugmentation is not null)];
            if (differences.Length > 0)
                throw new ArgumentException(Invariant($"Model {i + 1} does not fit the first one. {string.Join("; ", differences)}."), nameof(models));
        }

        ImmutableArray<ModelMember> members =
            [.. models.SelectMany(model => model.Members).Select(member => member.WithTestTimeAugmentation(isOn))];
        if (members.Length > ModelLimits.Members)
            throw new ArgumentException(Invariant($"A model has at most {ModelLimits.Members} members, got {members.Length}."), nameof(models));
        MultiTaskModel combined = first with
        {
            Network = first.Network with { TestTimeAugmentation = isOn },
            Members = members,
            TrainingDetails = Merge([.. models.Select(model => model.TrainingDetails)]),
        };
        byte[] onnx = ModelFile.Write(combined, input);
        if (onnx.Length > ModelLimits.FileBytes)
        {
            throw new ArgumentException(
                Invariant($"The ensemble would have {onnx.Length} bytes, at most {ModelLimits.FileBytes} are allowed."), nameof(models));
        }

        try
        {
            // A model that is too large must be rejected here rather than when its saved file is loaded.
            return ModelFile.Read(onnx, "ensemble");
        }
        catch (Derm7ptModelException e)
        {
            throw new ArgumentException($"The ensemble is too large: {e.Problem}", nameof(models), e);
        }
    }

    private static IEnumerable<string> Differences(MultiTaskModel model, MultiTaskModel first, bool ignoreViews)
    {
        if (TaxonomyJson.WriteStored(model.Taxonomy) != TaxonomyJson.WriteStored(first.Taxonomy))
            yield return $"Taxonomy: the tasks, labels or scores of '{model.Taxonomy.Name}' are not those of '{first.Taxonomy.Name}'";
        if ((model.ImageHeight, model.ImageWidth) != (first.ImageHeight, first.ImageWidth))
            yield return Invariant($"Image size: {model.ImageWidth}×{model.ImageHeight}, expected {first.ImageWidth}×{first.ImageHeight}");
        if (!ignoreViews && model.Network.TestTimeAugmentation != first.Network.TestTimeAugmentation)
            yield return "TestTimeAugmentation: one model has it and the other does not, so that the argument must decide";
        if ((model.Network with { TestTimeAugmentation = false }).Equals(first.Network with { TestTimeAugmentation = false }))
            yield break;
        string[] settings =
        [
            .. RunIdentity.Differences(
                RunIdentity.Describe(first.Network).ToDictionary(), "the first", RunIdentity.Describe(model.Network).ToDictionary(), "this one"),
        ];
        yield return settings.Length > 0 ? string.Join("; ", settings) : "Their networks differ";
    }

    /// <summary>Merges the details of all trainings; an entry with different values lists all of them.</summary>
    private static Dictionary<string, string> Merge(IReadOnlyList<IReadOnlyDictionary<string, string>> details) =>
        details.SelectMany(detail => detail).GroupBy(entry => entry.Key, entry => entry.Value)
            .ToDictionary(group => group.Key, group => string.Join(", ", group.Distinct()));
}
