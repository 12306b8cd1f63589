using System.Text.Json.Nodes;

namespace Derm7pt.MLNet.Evaluation;

public sealed partial class MultiTaskEvaluation
{
    private static readonly string[] CsvHeader = ["scope", "task", "item", "measure", "value", "baseline", "lower", "upper"];

    /// <summary>Writes all measures as indented JSON; a measure that is not defined is null.</summary>
    /// <param name="curves">Whether to include the points of all ROC and precision–recall curves.</param>
    public string ToJson(bool curves = false)
    {
        var root = new JsonObject
        {
            ["taxonomy"] = Taxonomy.Name,
            ["cases"] = CaseCount,
            ["allTasks"] = Json(AllTasks, Intervals?.AllTasks),
            ["criteria"] = Json(Criteria, Intervals?.Criteria),
            ["tasks"] = Export.Array(Enumerable.Range(0, Tasks.Count), i => Json(Tasks[i], Intervals?.Tasks[i], curves)),
        };
        if (Melanoma is { } melanoma)
            root["melanoma"] = Json(melanoma, Intervals?.MelanomaAuroc, curves);
        if (SevenPoint is { } sevenPoint)
            root["sevenPoint"] = Json(sevenPoint, curves);
        if (Intervals is { } intervals)
            root["bootstrap"] = new JsonObject { ["resamples"] = intervals.Resamples, ["level"] = intervals.Level };
        return Export.Text(root);
    }

    /// <summary>
    /// Writes the measures as CSV, one per line: <c>scope,task,item,measure,value,baseline,lower,upper</c>. Measures that are not
    /// defined, and missing bootstrap limits, are empty.
    /// </summary>
    /// <param name="writer">The writer; it is not closed.</param>
    public void WriteCsv(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Export.Csv(writer, [CsvHeader, .. Lines()]);
    }

    private IEnumerable<string[]> Lines()
    {
        IEnumerable<string[]> lines =
        [
            .. Lines("average", "", "all tasks", AllTasks.Model, AllTasks.Baseline, Intervals?.AllTasks),
            .. Lines("average", "", "criteria", Criteria.Model, Criteria.Baseline, Intervals?.Criteria),
        ];
        for (int i = 0; i < Tasks.Count; i++)
        {
            TaskEvaluation task = Tasks[i];
            lines = lines.Concat(Lines("task", task.Task.Name, "", task.Model.Measures, task.Baseline.Measures, Intervals?.Tasks[i]))
                .Concat(task.Model.Labels.Zip(task.Baseline.Labels)
                    .SelectMany(pair => Lines("label", task.Task.Name, pair.First.Label.Name, pair.First.Named, pair.Second.Named)))
                .Concat(ConfusionLines(task));
        }

        string diagnosis = Taxonomy.Diagnosis?.Name ?? "";
        if (Melanoma is { } melanoma)
        {
            (string scope, string called) = ("melanoma", $"probability >= {Export.Field(melanoma.Threshold)}");
            IEnumerable<(string Name, double Value)> ranked = Ranked(melanoma.Ranking), baseline = Ranked(melanoma.BaselineRanking);
            lines = lines.Concat(Lines(scope, diagnosis, "probability", ranked, baseline, Intervals?.MelanomaAuroc))
                .Concat(Lines(scope, diagnosis, called, Named(melanoma.Counts), Named(melanoma.BaselineCounts)));
        }

        if (SevenPoint is { } sevenPoint)
        {
            lines = lines.Concat(Lines("direct diagnosis", diagnosis, "", Named(sevenPoint.DirectDiagnosis), Named(sevenPoint.Baseline)))
                .Concat(sevenPoint.Curve.SelectMany(point => Lines(sevenPoint, diagnosis, point)));
        }

        return lines;
    }

    private static IEnumerable<string[]> Lines(
        string scope, string task, string item, TaskMeasures model, TaskMeasures baseline, TaskIntervals? intervals)
    {
        Dictionary<string, ConfidenceInterval>? limits = intervals?.Named.ToDictionary(named => named.Name, named => named.Interval);
        return model.Named.Zip(baseline.Named, (own, other) =>
            Line(scope, task, item, own.Name, own.Value, other.Value, limits?.GetValueOrDefault(own.Name)));
    }

    private static IEnumerable<string[]> Lines(
        string scope,
        string task,
        string item,
        IEnumerable<(string Name, double Value)> model,
        IEnumerable<(string Name, double Value)> baseline,
        ConfidenceInterval? auroc = null) =>
        model.Zip(baseline, (own, other) =>
            Line(scope, task, item, own.Name, own.Value, other.Value, own.Name == "auroc" ? auroc : null));

    private static IEnumerable<string[]> Lines(SevenPointEvaluation sevenPoint, string diagnosis, SevenPointComparison point)
    {
        IEnumerable<(string Name, double Value)> baseline = Named(sevenPoint.Baseline);
        IEnumerable<(string Name, double Value)> none = baseline.Select(figure => (figure.Name, double.NaN));
        string item = $"score >= {Export.Field(point.Threshold)}";
        IEnumerable<string[]> lines = Lines("seven-point rule", diagnosis, item, Named(point.Rule), baseline);
        foreach ((string scope, BinaryCounts? counts) in ((string, BinaryCounts?)[])
            [("stored rule", point.StoredRule), ("seven-point rule against stored rule", point.RuleAgainstStored),
             ("direct diagnosis against stored rule", point.DirectAgainstStored)])
        {
            if (counts is not null)
                lines = lines.Concat(Lines(scope, diagnosis, item, Named(counts), none));
        }

        return lines;
    }

    private static IEnumerable<string[]> ConfusionLines(TaskEvaluation task) =>
        from truth in Enumerable.Range(0, task.Task.Labels.Count)
        from predicted in Enumerable.Range(0, task.Task.Labels.Count)
        select Line(
            "confusion",
            task.Task.Name,
            $"{task.Task.Labels[truth].Name} as {task.Task.Labels[predicted].Name}",
            "count",
            task.Model.Confusion[truth, predicted],
            task.Baseline.Confusion[truth, predicted]);

    private static string[] Line(
        string scope, string task, string item, string measure, double value, double baseline, ConfidenceInterval? interval = null) =>
    [
        scope,
        task,
        item,
        measure,
        Export.Field(value),
        Export.Field(baseline),
        Export.Field(interval?.Lower ?? double.NaN),
        Export.Field(interval?.Upper ?? double.NaN),
    ];

    private static IEnumerable<(string Name, double Value)> Ranked(BinaryRanking ranking) =>
        [("auroc", ranking.Auroc), ("averagePrecision", ranking.AveragePrecision)];

    private static IEnumerable<(string Name, double Value)> Named(BinaryCounts counts) =>
    [
        ("truePositives", counts.TruePositives),
        ("falsePositives", counts.FalsePositives),
        ("trueNegatives", counts.TrueNegatives),
        ("falseNegatives", counts.FalseNegatives),
        ("sensitivity", counts.Sensitivity),
        ("specificity", counts.Specificity),
        ("ppv", counts.PositivePredictiveValue),
        ("npv", counts.NegativePredictiveValue),
        ("accuracy", counts.Accuracy),
        ("balancedAccuracy", counts.BalancedAccuracy),
        ("f1", counts.F1),
    ];

    private static JsonObject Json(AveragedMeasures average, TaskIntervals? intervals)
    {
        var node = new JsonObject
        {
            ["tasks"] = average.TaskCount,
            ["model"] = Export.Object(average.Model.Named),
            ["baseline"] = Export.Object(average.Baseline.Named),
        };
        AddIntervals(node, intervals);
        return node;
    }

    private static JsonObject Json(TaskEvaluation task, TaskIntervals? intervals, bool curves)
    {
        var node = new JsonObject
        {
            ["name"] = task.Task.Name,
            ["cases"] = task.CaseCount,
            ["missing"] = task.MissingCount,
            ["model"] = Json(task.Model, curves),
            ["baseline"] = Json(task.Baseline, curves: false),
        };
        AddIntervals(node, intervals);
        return node;
    }

    private static JsonObject Json(ClassifierEvaluation classifier, bool curves)
    {
        JsonObject node = Export.Object(classifier.Measures.Named);
        node["confusion"] = Export.Array(Enumerable.Range(0, classifier.Labels.Count), truth =>
            Export.Array(
                Enumerable.Range(0, classifier.Labels.Count), predicted => JsonValue.Create(classifier.Confusion[truth, predicted])));
        node["labels"] = Export.Array(classifier.Labels, label =>
        {
            var own = new JsonObject { ["name"] = label.Label.Name };
            foreach ((string name, double value) in label.Named)
                own[name] = Export.Number(value);
            return WithCurves(own, label.Ranking, curves);
        });
        node["calibration"] = Json(classifier.Calibration);
        return node;
    }

    private static JsonObject Json(Calibration calibration) => new()
    {
        ["expectedError"] = Export.Number(calibration.ExpectedError),
        ["maximumError"] = Export.Number(calibration.MaximumError),
        ["bins"] = Export.Array(calibration.Bins, bin => new JsonObject
        {
            ["lower"] = bin.Lower,
            ["upper"] = bin.Upper,
            ["count"] = bin.Count,
            ["meanConfidence"] = Export.Number(bin.MeanConfidence),
            ["accuracy"] = Export.Number(bin.Accuracy),
        }),
    };

    private static JsonObject Json(MelanomaEvaluation melanoma, ConfidenceInterval? auroc, bool curves)
    {
        JsonObject node = Export.Object(Ranked(melanoma.Ranking));
        if (auroc is not null)
            node["aurocInterval"] = Json(auroc);
        node["threshold"] = melanoma.Threshold;
        node["atThreshold"] = Export.Object(Named(melanoma.Counts));
        node["calibration"] = Json(melanoma.Calibration);
        JsonObject baseline = Export.Object(Ranked(melanoma.BaselineRanking));
        baseline["atThreshold"] = Export.Object(Named(melanoma.BaselineCounts));
        node["baseline"] = baseline;
        return WithCurves(node, melanoma.Ranking, curves);
    }

    private static JsonObject Json(SevenPointEvaluation sevenPoint, bool curves)
    {
        JsonObject node = Export.Object(Ranked(sevenPoint.Ranking));
        node["directDiagnosis"] = Export.Object(Named(sevenPoint.DirectDiagnosis));
        node["baseline"] = Export.Object(Named(sevenPoint.Baseline));
        node["thresholds"] = Export.Array(sevenPoint.Curve, point =>
        {
            var at = new JsonObject { ["threshold"] = point.Threshold, ["rule"] = Export.Object(Named(point.Rule)) };
            foreach ((string name, BinaryCounts? counts) in ((string, BinaryCounts?)[])
                [("storedRule", point.StoredRule), ("ruleAgainstStored", point.RuleAgainstStored),
                 ("directAgainstStored", point.DirectAgainstStored)])
            {
                if (counts is not null)
                    at[name] = Export.Object(Named(counts));
            }

            return at;
        });
        return WithCurves(node, sevenPoint.Ranking, curves);
    }

    private static JsonObject Json(ConfidenceInterval interval) => new()
    {
        ["estimate"] = Export.Number(interval.Estimate),
        ["lower"] = Export.Number(interval.Lower),
        ["upper"] = Export.Number(interval.Upper),
    };

    private static void AddIntervals(JsonObject node, TaskIntervals? intervals)
    {
        if (intervals is null)
            return;
        var own = new JsonObject();
        foreach ((string name, ConfidenceInterval interval) in intervals.Named)
            own[name] = Json(interval);
        node["intervals"] = own;
    }

    private static JsonObject WithCurves(JsonObject node, BinaryRanking ranking, bool curves)
    {
        if (!curves)
            return node;
        node["roc"] = Export.Array(ranking.Curve, point => Export.Object(
        [
            ("threshold", point.Threshold),
            ("falsePositiveRate", point.Counts.FalsePositiveRate),
            ("truePositiveRate", point.Counts.Sensitivity),
        ]));
        // The precision of the first point is not defined, because no case is called positive there.
        node["precisionRecall"] = Export.Array(ranking.Curve.Skip(1), point => Export.Object(
        [
            ("threshold", point.Threshold), ("recall", point.Counts.Sensitivity), ("precision", point.Counts.PositivePredictiveValue),
        ]));
        return node;
    }
}
