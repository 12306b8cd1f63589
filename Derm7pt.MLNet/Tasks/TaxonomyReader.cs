using System.Globalization;

namespace Derm7pt.MLNet.Tasks;

/// <summary>Makes a taxonomy of its JSON form; every problem is a <see cref="FormatException"/> that begins with its place.</summary>
/// <param name="isStored">
/// Whether it comes out of a model file. These leave out the kind of the diagnosis, and older ones were written before some
/// texts had to have a character.
/// </param>
internal sealed class TaxonomyReader(bool isStored)
{
    private const int MaximumNameLength = 256;
    private const int MaximumScore = 100;
    private const int FewestLabels = 2;

    private static readonly (string Name, TaskKind Value)[] Kinds =
        [("diagnosis", TaskKind.Diagnosis), ("criterion", TaskKind.Criterion)];

    public static string NameOf(TaskKind kind) => Array.Find(Kinds, entry => entry.Value == kind).Name;

    /// <summary>Reads the whole.</summary>
    /// <param name="root">The document.</param>
    /// <param name="variant">The name of the variant to take, if any.</param>
    public Taxonomy Read(JsonPart root, string? variant)
    {
        JsonMembers document = root.Members("name", "version", "source", "tasks", "variants");
        string name = Text(document, "name", "the taxonomy's name");
        int version = document.Optional("version")?.WholeNumber(int.MinValue, int.MaxValue) ?? 0;
        _ = document.Optional("source")?.Text();
        List<TaskPart> tasks = document.Required("tasks", "an array of tasks").Items(1).ConvertAll(ReadTask);
        RequireDistinct(tasks.Select(task => ($"{task.Path}.name", task.Name)), "tasks have different names");
        RequireDistinct(tasks.Select(task => ($"{task.Path}.column", task.Column)), "tasks read different columns");
        RequireDistinct(
            tasks.Where(task => task.Kind == TaskKind.Diagnosis).Select(task => ($"{task.Path}.kind", NameOf(task.Kind))),
            "one task at most is the diagnosis");

        List<VariantPart> variants = [];
        foreach (JsonPart part in document.Optional("variants")?.Items(0) ?? [])
            variants.Add(ReadVariant(part, tasks));
        RequireDistinct(variants.Select(v => ($"{v.Path}.name", v.Name)), "variants have different names");
        if (variant is null)
            return new Taxonomy(name, version, [.. tasks.Select(task => task.With(task.Labels))]);
        VariantPart chosen = variants.Find(v => v.Name == variant)
            ?? throw new FormatException($"variants has none of the name '{variant}'.");
        return new Taxonomy(chosen.Name, version, [.. tasks.Select(task => task.With(task == chosen.Task ? chosen.Labels : task.Labels))]);
    }

    private TaskPart ReadTask(JsonPart part)
    {
        JsonMembers task = part.Members("name", "code", "column", "title", "kind", "labels");
        string name = Name(task, "the task's name");
        string column = Text(task, "column", "the name of the column that the task reads");
        TaskKind kind = isStored && task.Optional("kind") is null
            ? TaskKind.Diagnosis
            : task.Required("kind", JsonPart.AnyOf(Kinds)).OneOf(Kinds);
        string code = OptionalText(task, "code") ?? name, title = OptionalText(task, "title") ?? name;
        var values = new List<(string Path, string Value)>();
        List<TaskLabel> labels = ReadLabels(task, part.Path, kind, "values", label =>
        {
            List<JsonPart> own = label.Required("values", "an array of the raw values that the label groups").Items(1);
            values.AddRange(own.Select(value => (value.Path, NotBlank(value, isStored))));
            return [.. own.Select(value => value.Text())];
        });
        RequireDistinct(values, "a raw value belongs to one label, whatever its letter case", StringComparer.OrdinalIgnoreCase);
        return new TaskPart(part.Path, name, code, column, title, kind, labels);
    }

    private VariantPart ReadVariant(JsonPart part, List<TaskPart> tasks)
    {
        JsonMembers variant = part.Members("name", "task", "labels");
        string name = Text(variant, "name", "the variant's name");
        TaskPart task = variant.Required("task", "the name of a task").OneOf([.. tasks.Select(task => (task.Name, task))]);
        (string Name, TaskLabel Value)[] codes = [.. task.Labels.Select(label => (label.Code, label))];
        var merged = new List<(string Path, string Value)>();
        List<TaskLabel> labels = ReadLabels(variant, part.Path, task.Kind, "merges", label =>
        {
            List<JsonPart> own = label.Required("merges", "an array of the codes that the label merges").Items(1);
            merged.AddRange(own.Select(code => (code.Path, code.OneOf(codes).Code)));
            return [.. own.SelectMany(code => code.OneOf(codes).RawValues)];
        });
        RequireDistinct(merged, "a variant places every label once");
        TaskLabel? left = task.Labels.FirstOrDefault(label => !merged.Exists(code => code.Value == label.Code));
        return left is null
            ? new VariantPart(part.Path, name, task, labels)
            : throw new FormatException($"{part.Path}.labels merge no '{left.Code}'; a variant places every label of task '{task.Name}' once.");
    }

    /// <param name="owner">The task or variant.</param>
    /// <param name="path">Where that is.</param>
    /// <param name="kind">The kind of the task.</param>
    /// <param name="content">The key of what the labels group.</param>
    /// <param name="read">Reads the raw values that a label groups.</param>
    private List<TaskLabel> ReadLabels(
        JsonMembers owner, string path, TaskKind kind, string content, Func<JsonMembers, IReadOnlyList<string>> read)
    {
        List<TaskLabel> labels = owner.Required("labels", "an array of labels").Items(FewestLabels).ConvertAll(part =>
        {
            JsonMembers label = part.Members("name", "code", "score", "melanoma", content);
            string name = Name(label, "the label's name");
            JsonPart? score = label.Optional("score"), melanoma = label.Optional("melanoma");
            int points = score?.WholeNumber(0, MaximumScore) ?? 0;
            bool isMelanoma = melanoma?.Truth() ?? false;
            if (kind == TaskKind.Diagnosis && points != 0)
                throw score!.Value.Unexpected("none, as only labels of a criterion have a score");
            if (kind == TaskKind.Criterion && isMelanoma && !isStored)
                throw melanoma!.Value.Unexpected("none, as only a label of the diagnosis means melanoma");
            return new TaskLabel(name, OptionalText(label, "code") ?? name, points, isMelanoma, read(label));
        });
        RequireDistinct(Places(label => label.Name, "name"), "labels of a task have different names");
        RequireDistinct(Places(label => label.Code, "code"), "labels of a task have different codes");
        return labels;

        IEnumerable<(string Path, string Value)> Places(Func<TaskLabel, string> value, string key) =>
            labels.Select((label, i) => (string.Create(CultureInfo.InvariantCulture, $"{path}.labels[{i}].{key}"), value(label)));
    }

    /// <summary>A name, which becomes one of columns and of tensors in files, which C programs read up to the first zero.</summary>
    private static string Name(JsonMembers owner, string meaning)
    {
        JsonPart part = owner.Required("name", meaning);
        string name = NotBlank(part, mayBeBlank: false);
        return name.Length <= MaximumNameLength && !name.Any(char.IsControl)
            ? name
            : throw part.Unexpected(string.Create(CultureInfo.InvariantCulture, $"at most {MaximumNameLength} characters and no control characters"));
    }

    private static string Text(JsonMembers owner, string key, string meaning) => NotBlank(owner.Required(key, meaning), mayBeBlank: false);

    private string? OptionalText(JsonMembers owner, string key) => owner.Optional(key) is { } part ? NotBlank(part, isStored) : null;

    private static string NotBlank(JsonPart part, bool mayBeBlank)
    {
        string text = part.Text();
        return mayBeBlank || !string.IsNullOrWhiteSpace(text) ? text : throw part.Unexpected("a text that is not blank");
    }

    private static void RequireDistinct(
        IEnumerable<(string Path, string Value)> places, string rule, StringComparer? comparer = null)
    {
        var first = new Dictionary<string, string>(comparer ?? StringComparer.Ordinal);
        foreach ((string path, string value) in places)
        {
            if (!first.TryAdd(value, path))
                throw new FormatException($"{path} is '{value}', and so is {first[value]}: {rule}.");
        }
    }

    private sealed record TaskPart(
        string Path, string Name, string Code, string Column, string Title, TaskKind Kind, List<TaskLabel> Labels)
    {
        public ClassificationTask With(List<TaskLabel> labels) => new(Name, Code, Column, Title, Kind, labels);
    }

    private sealed record VariantPart(string Path, string Name, TaskPart Task, List<TaskLabel> Labels);
}
