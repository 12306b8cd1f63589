using System.Text.Json;
using System.Text.Json.Serialization;

namespace Derm7pt.MLNet;

/// <summary>The JSON form of a <see cref="Taxonomy"/>: the shape of <c>data-schema/taxonomy.json</c>.</summary>
internal static class TaxonomyJson
{
    private const int MaximumNameLength = 256;
    private const int MaximumScore = 100;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Taxonomy ReadEmbedded(string? variant) => Read(DataSchema.Read("taxonomy.json"), variant);

    public static Taxonomy Read(ReadOnlySpan<byte> utf8, string? variant)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(utf8, Options) ?? throw new FormatException("The taxonomy is empty.");
        }
        // The latter is what half a surrogate pair gives.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"The taxonomy is not valid JSON: {e.Message}", e);
        }

        Variant? chosen = variant is null
            ? null
            : document.Variants?.Find(v => v.Name == variant)
                ?? throw new FormatException($"The taxonomy '{document.Name}' has no variant '{variant}'.");
        return Build(document, chosen);
    }

    public static string Write(Taxonomy taxonomy)
    {
        var tasks = taxonomy.Tasks.Select(task => new Task(
            task.Name, task.Code, task.Column, task.Title, task.Kind,
            [.. task.Labels.Select(l => new Label(l.Name, l.Code, l.Score, l.IsMelanoma, [.. l.RawValues], null))])).ToList();
        return JsonSerializer.Serialize(new Document(taxonomy.Name, taxonomy.Version, tasks, null), Options);
    }

    private static Taxonomy Build(Document document, Variant? variant)
    {
        Require(!string.IsNullOrWhiteSpace(document.Name), "name is missing.");
        Require(document.Tasks is { Count: > 0 }, "there are no tasks.");
        Require(document.Tasks!.TrueForAll(t => t is not null), "a task is null.");
        RequireDistinct(document.Tasks!.Select(t => t.Name), "task name");
        RequireDistinct(document.Tasks!.Select(t => t.Column), "task column");
        Require(document.Tasks!.Count(t => t.Kind == TaskKind.Diagnosis) <= 1, "more than one task is a diagnosis.");

        var tasks = document.Tasks!.Select(task => BuildTask(task, variant?.Task == task.Name ? variant : null)).ToList();
        return new Taxonomy(variant?.Name ?? document.Name!, document.Version, tasks);
    }

    private static ClassificationTask BuildTask(Task task, Variant? variant)
    {
        Require(!string.IsNullOrWhiteSpace(task.Name) && !string.IsNullOrWhiteSpace(task.Column), "a task lacks a name or a column.");
        RequireName(task.Name!, "task");
        Require(Enum.IsDefined(task.Kind), $"task '{task.Name}' has the unknown kind {task.Kind}.");
        Require(task.Labels is { Count: > 1 }, $"task '{task.Name}' needs at least two labels.");
        Require(task.Labels!.TrueForAll(label => label is not null), $"a label of task '{task.Name}' is null.");
        var labels = task.Labels!.Select(label => BuildLabel(task, label, label.Values ?? [])).ToList();
        if (variant is not null)
        {
            labels = [.. variant.Labels!.Select(merged => BuildLabel(task, merged, MergedValues(task, merged)))];
            int grouped = labels.Sum(label => label.RawValues.Count);
            Require(
                grouped == task.Labels!.Sum(label => label.Values!.Count),
                $"variant '{variant.Name}' does not place every label of task '{task.Name}' exactly once.");
        }

        RequireDistinct(labels.Select(label => label.Name), $"label name in task '{task.Name}'");
        RequireDistinct(labels.Select(label => label.Code), $"label code in task '{task.Name}'");
        return new ClassificationTask(task.Name!, task.Code ?? task.Name!, task.Column!, task.Title ?? task.Name!, task.Kind, labels);
    }

    private static TaskLabel BuildLabel(Task task, Label label, IReadOnlyList<string> values)
    {
        Require(!string.IsNullOrWhiteSpace(label.Name), $"a label of task '{task.Name}' lacks a name.");
        RequireName(label.Name!, $"label of task '{task.Name}'");
        Require(label.Score is >= 0 and <= MaximumScore, $"label '{label.Name}' of task '{task.Name}' has the score {label.Score}, expected 0 to {MaximumScore}.");
        Require(values.Count > 0, $"label '{label.Name}' of task '{task.Name}' groups no raw value.");
        Require(values.All(value => value is not null), $"a raw value of label '{label.Name}' of task '{task.Name}' is null.");
        Require(task.Kind == TaskKind.Criterion || label.Score == 0, $"label '{label.Name}' of the diagnosis carries a score.");
        return new TaskLabel(label.Name!, label.Code ?? label.Name!, label.Score, label.Melanoma, values);
    }

    private static List<string> MergedValues(Task task, Label merged) =>
        [.. merged.Merges!.SelectMany(code =>
            task.Labels!.Find(label => label.Code == code)?.Values
                ?? throw new FormatException($"Taxonomy: task '{task.Name}' has no label with code '{code}'."))];

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new FormatException($"Taxonomy: {what}");
    }

    // Names become names of columns and of tensors in files, which C programs read up to the first zero.
    private static void RequireName(string name, string what) =>
        Require(name.Length <= MaximumNameLength && !name.Any(char.IsControl), $"a {what} has a name of over {MaximumNameLength} characters or with control characters.");

    private static void RequireDistinct(IEnumerable<string?> names, string what)
    {
        string? twice = names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;
        Require(twice is null, $"the {what} '{twice}' occurs twice.");
    }

    private sealed record Document(string? Name, int Version, List<Task>? Tasks, List<Variant>? Variants);

    private sealed record Task(string? Name, string? Code, string? Column, string? Title, TaskKind Kind, List<Label>? Labels);

    private sealed record Label(string? Name, string? Code, int Score, bool Melanoma, List<string>? Values, List<string>? Merges);

    private sealed record Variant(string? Name, string? Task, List<Label>? Labels);
}
