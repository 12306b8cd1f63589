using System.Text.Json;
using System.Text.Json.Nodes;

namespace PaperExperiments;

/// <summary>The key of a figure: for example <c>task</c>, <c>Diagnosis</c>, <c>macroF1</c>.</summary>
internal readonly record struct FigureKey(string Scope, string Item, string Measure);

/// <summary>The figures of a finished run, read back from its files: those of an earlier call count as those of this one.</summary>
internal sealed record RunRecord(ExperimentRun Run, IReadOnlyList<KeyValuePair<FigureKey, double>> Figures)
{
    public static readonly IReadOnlyList<string> TaskMeasures = ["accuracy", "macroRecall", "macroPrecision", "macroF1"];

    public static readonly IReadOnlyList<string> CallMeasures = ["sensitivity", "specificity", "ppv", "balancedAccuracy", "f1"];

    /// <summary>The thresholds of the seven-point rule that the paper compares.</summary>
    public static readonly IReadOnlyList<int> RuleThresholds = [1, 3];

    /// <exception cref="InvalidDataException">A file is missing or is not what a run writes.</exception>
    public static RunRecord Read(ExperimentRun run, string output)
    {
        RunFolder folder = run.Folder(output);
        try
        {
            JsonNode manifest = Load(folder.Manifest), evaluation = Load(folder.EvaluationJson), gates = Load(folder.GatesJson);
            string[] tasks = [.. Array(evaluation, "tasks").Select(task => task!["name"]!.GetValue<string>())];
            return new RunRecord(
                run,
                [
                    .. Training(manifest), .. Measures(evaluation), .. Melanoma(evaluation), .. Calibration(evaluation),
                    .. Sharing(gates, tasks),
                ]);
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new InvalidDataException($"The results in '{folder.FullName}' cannot be read: {e.Message}", e);
        }
    }

    private static IEnumerable<KeyValuePair<FigureKey, double>> Training(JsonNode manifest) =>
    [
        Figure("network", "", "parameters", manifest["parameters"]),
        Figure("training", "", "epochs", manifest["training"]!["epochs"]),
        Figure("training", "", "bestEpoch", manifest["training"]!["bestEpoch"]),
        Figure("training", "", "seconds", manifest["seconds"]!["training"]),
        Figure("validation", "all tasks", "macroF1", manifest["validation"]!["allTasks"]!["macroF1"]),
    ];

    private static IEnumerable<KeyValuePair<FigureKey, double>> Measures(JsonNode evaluation) =>
        from part in (IEnumerable<(string Scope, string Item, JsonNode Values)>)
        [
            ("average", "all tasks", evaluation["allTasks"]!["model"]!),
            ("average", "criteria", evaluation["criteria"]!["model"]!),
            .. Array(evaluation, "tasks").Select(task => ("task", task!["name"]!.GetValue<string>(), task["model"]!)),
        ]
        from measure in TaskMeasures
        select Figure(part.Scope, part.Item, measure, part.Values[measure]);

    private static IEnumerable<KeyValuePair<FigureKey, double>> Melanoma(JsonNode evaluation)
    {
        JsonNode sevenPoint = evaluation["sevenPoint"]!, points = evaluation["operatingPoints"]!;
        IEnumerable<(string Item, JsonNode Counts)> calls =
        [
            (FigureNames.DirectDiagnosis, sevenPoint["directDiagnosis"]!),
            .. RuleThresholds.Select(threshold => (FigureNames.Rule(threshold), sevenPoint["thresholds"]![threshold]!["rule"]!)),
            (FigureNames.ProbabilityAtPoint, points["melanomaProbability"]!["test"]!),
            (FigureNames.ScoreAtPoint, points["sevenPointScore"]!["test"]!),
        ];
        return
        [
            Figure("melanoma", "probability", "auroc", evaluation["melanoma"]!["auroc"]),
            Figure("melanoma", "seven-point score", "auroc", sevenPoint["auroc"]),
            .. from call in calls
               from measure in CallMeasures
               select Figure("melanoma call", call.Item, measure, call.Counts[measure]),
        ];
    }

    private static IEnumerable<KeyValuePair<FigureKey, double>> Calibration(JsonNode evaluation) =>
        from task in Array(evaluation, "temperatureScaling")
        from measure in (string[])["temperature", "calibrationErrorBefore", "calibrationErrorAfter"]
        select Figure("calibration", task!["task"]!.GetValue<string>(), measure, task[measure]);

    private static IEnumerable<KeyValuePair<FigureKey, double>> Sharing(JsonNode gates, string[] tasks)
    {
        JsonNode overall = gates["overall"]!;
        double[] taken = [.. tasks.Select((_, task) => 100 * Value(overall["taken"]![task]))];
        return
        [
            // Of all pairs of tasks the same as of all tasks, which have as many others each.
            new(FigureNames.MeanSharing, taken.Average()),
            .. tasks.SelectMany((task, i) => (KeyValuePair<FigureKey, double>[])
            [
                new(FigureNames.Given(task), 100 * Value(overall["given"]![i])),
                new(FigureNames.Taken(task), taken[i]),
            ]),
            .. from matrix in Array(gates, "blocks").Append(overall)
               from taking in Enumerable.Range(0, tasks.Length)
               from giving in Enumerable.Range(0, tasks.Length)
               select new KeyValuePair<FigureKey, double>(
                   FigureNames.Sharing(matrix!["name"]!.GetValue<string>(), tasks[taking], tasks[giving]),
                   Value(matrix["percent"]![taking]![giving])),
        ];
    }

    private static KeyValuePair<FigureKey, double> Figure(string scope, string item, string measure, JsonNode? value) =>
        new(new FigureKey(scope, item, measure), Value(value));

    // A figure that is not defined is null in the file.
    private static double Value(JsonNode? value) => value?.GetValue<double>() ?? double.NaN;

    private static JsonArray Array(JsonNode node, string name) => node[name]!.AsArray();

    private static JsonNode Load(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}

/// <summary>Names of figures that tables look up.</summary>
internal static class FigureNames
{
    public const string DirectDiagnosis = "direct diagnosis";

    public const string ProbabilityAtPoint = "probability >= validation threshold";

    public const string ScoreAtPoint = "score >= validation threshold";

    /// <summary>In percent.</summary>
    public static FigureKey MeanSharing { get; } = new("sharing", "all tasks", "mean");

    public static string Rule(int threshold) => $"score >= {threshold}";

    public static FigureKey Given(string task) => new("sharing", task, "given");

    public static FigureKey Taken(string task) => new("sharing", task, "taken");

    public static FigureKey Sharing(string matrix, string taking, string giving) =>
        new($"sharing matrix of {matrix}", $"{taking} takes from {giving}", "percent");
}
