namespace Derm7pt.MLNet.Base;

/// <summary>Puts names into messages.</summary>
internal static class Quoting
{
    public static string List(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
