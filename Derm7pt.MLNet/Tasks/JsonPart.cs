using System.Globalization;
using System.Text.Json;

namespace Derm7pt.MLNet.Tasks;

/// <summary>A value within a JSON document and where it is, such as <c>tasks[2].labels[0].score</c>.</summary>
/// <remarks>What is not as expected ends in a <see cref="FormatException"/> with the place, the value and what is allowed.</remarks>
internal readonly struct JsonPart
{
    private const int LongestShown = 80;

    private readonly JsonElement _value;

    private JsonPart(JsonElement value, string path) => (_value, Path) = (value, path);

    /// <summary>Where the value is; empty for the whole document.</summary>
    public string Path { get; }

    /// <summary>The whole of a document.</summary>
    public static JsonPart Root(JsonElement root) => new(root, "");

    /// <summary>The members of an object, of which none occurs twice and none has another name than these.</summary>
    public JsonMembers Members(params ReadOnlySpan<string> keys)
    {
        if (_value.ValueKind != JsonValueKind.Object)
            throw Unexpected("an object");
        var members = new Dictionary<string, JsonPart>(StringComparer.Ordinal);
        foreach (JsonProperty property in _value.EnumerateObject())
        {
            string key = NameOf(property), path = Path.Length == 0 ? Shorten(key) : $"{Path}.{Shorten(key)}";
            if (!keys.Contains(key))
                throw new FormatException($"{path} is an unknown key; the keys are {string.Join(", ", keys)}.");
            if (!members.TryAdd(key, new JsonPart(property.Value, path)))
                throw new FormatException($"{path} occurs twice.");
        }

        return new JsonMembers(Path, members);
    }

    /// <summary>The entries of an array that has at least so many.</summary>
    public List<JsonPart> Items(int atLeast)
    {
        if (_value.ValueKind != JsonValueKind.Array)
            throw Unexpected("an array");
        int count = _value.GetArrayLength();
        if (count < atLeast)
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"{Path} needs at least {atLeast} {(atLeast == 1 ? "entry" : "entries")}, got {count}."));
        }

        string path = Path;
        return [.. _value.EnumerateArray().Select((item, i) => new JsonPart(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")))];
    }

    public string Text()
    {
        if (_value.ValueKind != JsonValueKind.String)
            throw Unexpected("a text");
        try
        {
            return _value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"{Path} is no valid text: {e.Message}", e);
        }
    }

    public bool Truth() => _value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Unexpected("true or false"),
    };

    public int WholeNumber(int minimum, int maximum) =>
        _value.ValueKind == JsonValueKind.Number && _value.TryGetInt32(out int number) && number >= minimum && number <= maximum
            ? number
            : throw Unexpected(string.Create(CultureInfo.InvariantCulture, $"a whole number from {minimum} to {maximum}"));

    /// <summary>The value whose name this is.</summary>
    public T OneOf<T>(params ReadOnlySpan<(string Name, T Value)> choices)
    {
        // Text() reports half a surrogate pair as a fault of the file.
        string? text = _value.ValueKind == JsonValueKind.String ? Text() : null;
        foreach ((string name, T value) in choices)
        {
            if (text == name)
                return value;
        }

        throw Unexpected(AnyOf(choices));
    }

    /// <summary>The names in messages.</summary>
    public static string AnyOf<T>(params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var names = new string[choices.Length];
        for (int i = 0; i < names.Length; i++)
            names[i] = $"\"{choices[i].Name}\"";
        return string.Join(" or ", names);
    }

    /// <summary>The error that the value is something else.</summary>
    public FormatException Unexpected(string expected) =>
        new($"{(Path.Length == 0 ? "it" : Path)} is {Shown()}, expected {expected}.");

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"a key is no valid text: {e.Message}", e);
        }
    }

    private string Shown() => _value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        _ => Shorten(_value.GetRawText()),
    };

    private static string Shorten(string text) => text.Length <= LongestShown ? text : $"{text[..LongestShown]}…";
}

/// <summary>The members of a JSON object at a place.</summary>
internal sealed class JsonMembers(string path, Dictionary<string, JsonPart> members)
{
    /// <summary>Where the object is, before the name of a member.</summary>
    private string Prefix { get; } = path.Length == 0 ? "" : $"{path}.";

    /// <summary>A member that must be there.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="expected">What it must be, in the message.</param>
    public JsonPart Required(string key, string expected) =>
        members.TryGetValue(key, out JsonPart part) ? part : throw new FormatException($"{Prefix}{key} is missing, expected {expected}.");

    /// <summary>A member that may be left out.</summary>
    public JsonPart? Optional(string key) => members.TryGetValue(key, out JsonPart part) ? part : null;
}
