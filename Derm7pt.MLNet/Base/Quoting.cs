namespace Derm7pt.MLNet.Base;

/// <summary>Formats names for messages.</summary>
internal static class Quoting
{
    public static string List(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
