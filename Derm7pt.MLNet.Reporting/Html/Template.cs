using System.Reflection;
using System.Text.RegularExpressions;

namespace Derm7pt.MLNet.Reporting.Html;

/// <summary>Fills the placeholders of a file, each of which is a name in double braces.</summary>
internal static partial class Template
{
    /// <summary>Fills all placeholders in one pass; inserted text is not searched for placeholders.</summary>
    public static string Fill(string template, IReadOnlyDictionary<string, string> values) =>
        Place.Replace(template, place => values[place.Groups[1].Value]);

    /// <summary>Reads a file that is part of this library.</summary>
    public static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"There is no resource '{name}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{([a-z-]+)\}\}")]
    private static partial Regex Place { get; }
}
