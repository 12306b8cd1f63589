using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Derm7pt.MLNet;
using Derm7pt.MLNet.Evaluation;
using Microsoft.ML;

namespace PaperExperiments;

/// <summary>The content of <c>run.json</c> for a finished run: settings, parameters, versions, times and validation results.</summary>
internal static class RunManifest
{
    /// <summary>The settings of a finished run; null where the folder holds none.</summary>
    public static IReadOnlyDictionary<string, string>? FindSettings(RunFolder folder)
    {
        if (!File.Exists(folder.Manifest))
            return null;
        try
        {
            JsonNode? root = JsonNode.Parse(File.ReadAllText(folder.Manifest));
            if (root?["settings"]?.Deserialize(RunJson.Default.DictionaryStringString) is { } settings)
                return settings;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Reported below, together with what is JSON but no run.
        }

        throw new InvalidDataException($"'{folder.Manifest}' is damaged. Delete the folder '{folder.FullName}' to run it again.");
    }

    public static void Write(RunFolder folder, RunOutcome outcome, IReadOnlyDictionary<string, string> settings)
    {
        TrainingHistory history = outcome.Network.History;
        ResultFile.WriteJson(folder.Manifest, new JsonObject
        {
            ["preset"] = outcome.Run.Preset.Name,
            ["description"] = outcome.Run.Preset.Description,
            ["seed"] = outcome.Run.Seed,
            ["settings"] = JsonSerializer.SerializeToNode(settings, RunJson.Default.IReadOnlyDictionaryStringString),
            ["parameters"] = outcome.Network.ParameterCount,
            ["training"] = new JsonObject { ["epochs"] = history.Epochs.Count, ["bestEpoch"] = history.BestEpoch },
            ["validation"] = Validation(outcome.Validation),
            ["seconds"] = new JsonObject
            {
                // Of all epochs, those before an interruption included.
                ["training"] = history.Epochs.Sum(epoch => epoch.Duration.TotalSeconds),
                ["evaluation"] = outcome.EvaluationTime.TotalSeconds,
            },
            ["versions"] = new JsonObject
            {
                ["Derm7pt.MLNet"] = Version(typeof(Taxonomy)),
                ["Microsoft.ML"] = Version(typeof(MLContext)),
                ["TorchSharp"] = Version(typeof(TorchSharp.torch)),
                [".NET"] = $"{Environment.Version}",
                ["system"] = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, " +
                    $"{Environment.ProcessorCount} processors",
            },
            ["finished"] = DateTimeOffset.UtcNow.ToString("O"),
        });
    }

    private static JsonObject Validation(MultiTaskEvaluation validation)
    {
        var node = new JsonObject { ["cases"] = validation.CaseCount, ["allTasks"] = Measures(validation.AllTasks.Model) };
        foreach (TaskEvaluation task in validation.Tasks)
            node[task.Task.Name] = Measures(task.Model.Measures);
        if (validation.Melanoma is { } melanoma)
            node["melanomaAuroc"] = ResultFile.Number(melanoma.Ranking.Auroc);
        return node;
    }

    private static JsonObject Measures(TaskMeasures measures) => new()
    {
        ["accuracy"] = ResultFile.Number(measures.Accuracy),
        ["macroRecall"] = ResultFile.Number(measures.MacroRecall),
        ["macroPrecision"] = ResultFile.Number(measures.MacroPrecision),
        ["macroF1"] = ResultFile.Number(measures.MacroF1),
    };

    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? $"{type.Assembly.GetName().Version}";
}

/// <summary>How settings are read and written, without reflection.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class RunJson : JsonSerializerContext;
