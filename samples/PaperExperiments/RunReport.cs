using System.Text.Json.Nodes;
using Derm7pt.MLNet;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Reporting;

namespace PaperExperiments;

/// <summary>Writes the results of one run, as a page and as data.</summary>
internal static class RunReport
{
    /// <summary>The one place where a run is reported: another format is another line here.</summary>
    public static void WriteReport(RunFolder folder, RunOutcome outcome)
    {
        ResultFile.WriteJson(folder.EvaluationJson, Evaluation(outcome));
        ResultFile.Write(folder.EvaluationCsv, outcome.Test.WriteCsv);
        ResultFile.WriteJson(folder.GatesJson, JsonNode.Parse(outcome.Network.Gates.ToJson())!.AsObject());
        ResultFile.Write(folder.GatesCsv, text => outcome.Network.Gates.WriteCsv(text));
        ResultFile.WriteCsv(folder.HistoryCsv, History(outcome.Network));
        Derm7ptReport.Write(folder.Report, outcome.Report);
    }

    private static JsonObject Evaluation(RunOutcome outcome)
    {
        JsonObject root = JsonNode.Parse(outcome.Test.ToJson())!.AsObject();
        root.Insert(0, "split", "test");
        root["operatingPoints"] = new JsonObject
        {
            ["validationSensitivity"] = outcome.Sensitivity,
            ["melanomaProbability"] = Json(outcome.MelanomaProbability),
            ["sevenPointScore"] = Json(outcome.SevenPointScore),
        };
        root["temperatureScaling"] = new JsonArray([.. outcome.Temperatures.Select(Json)]);
        return root;
    }

    private static JsonObject Json(OperatingPoint point) => new()
    {
        ["threshold"] = ResultFile.Number(point.Threshold),
        ["validation"] = Json(point.Validation),
        ["test"] = Json(point.Test),
    };

    private static JsonObject Json(BinaryCounts counts) => new()
    {
        ["truePositives"] = counts.TruePositives,
        ["falsePositives"] = counts.FalsePositives,
        ["trueNegatives"] = counts.TrueNegatives,
        ["falseNegatives"] = counts.FalseNegatives,
        ["sensitivity"] = ResultFile.Number(counts.Sensitivity),
        ["specificity"] = ResultFile.Number(counts.Specificity),
        ["ppv"] = ResultFile.Number(counts.PositivePredictiveValue),
        ["npv"] = ResultFile.Number(counts.NegativePredictiveValue),
        ["accuracy"] = ResultFile.Number(counts.Accuracy),
        ["balancedAccuracy"] = ResultFile.Number(counts.BalancedAccuracy),
        ["f1"] = ResultFile.Number(counts.F1),
    };

    private static JsonNode Json(TemperatureEffect effect) => new JsonObject
    {
        ["task"] = effect.Task.Name,
        ["temperature"] = ResultFile.Number(effect.Temperature),
        ["logLossBefore"] = ResultFile.Number(effect.LogLossBefore),
        ["logLossAfter"] = ResultFile.Number(effect.LogLossAfter),
        ["calibrationErrorBefore"] = ResultFile.Number(effect.Before.ExpectedError),
        ["calibrationErrorAfter"] = ResultFile.Number(effect.After.ExpectedError),
    };

    private static IEnumerable<string[]> History(Derm7ptMultiTaskTransformer network)
    {
        IReadOnlyList<ClassificationTask> tasks = network.Taxonomy.Tasks;
        yield return
        [
            "epoch", "best", "seconds", "trainingLoss", "validationLoss", "meanMacroF1", "meanSharing",
            .. tasks.Select(task => $"{task.Name}MacroF1"), .. tasks.Select(task => $"{task.Name}Accuracy"),
        ];
        IReadOnlyList<EpochSharing> sharing = network.Gates.Epochs;
        for (int i = 0; i < network.History.Epochs.Count; i++)
        {
            EpochMetrics epoch = network.History.Epochs[i];
            ValidationMetrics validation = epoch.Validation!;
            yield return
            [
                $"{epoch.Epoch}",
                epoch.Epoch == network.History.BestEpoch ? "1" : "0",
                ResultFile.Field(epoch.Duration.TotalSeconds),
                ResultFile.Field(epoch.TrainingLoss),
                ResultFile.Field(validation.Loss),
                ResultFile.Field(validation.MeanMacroF1),
                ResultFile.Field(sharing[i].Overall.MeanSharing),
                .. validation.MacroF1.Select(ResultFile.Field),
                .. validation.Accuracy.Select(ResultFile.Field),
            ];
        }
    }
}
