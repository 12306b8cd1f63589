using System.Reflection;

namespace Derm7pt.MLNet.Tasks;

/// <summary>The files of <c>data-schema/</c>, which the assembly carries as resources.</summary>
internal static class DataSchema
{
    public static byte[] Read(string fileName)
    {
        string resource = $"data-schema/{fileName}";
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The assembly carries no resource '{resource}'.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
