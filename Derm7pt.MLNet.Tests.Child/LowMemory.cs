using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Child;

/// <summary>Decodes images until memory is exhausted. This works on Linux only.</summary>
internal static partial class LowMemory
{
    private const int AddressSpace = 9;
    private const ulong Left = 200_000_000;

    /// <summary>Decodes one file without a limit, and then another one with little memory.</summary>
    public static void Decode(MLContext mlContext, string small, string large)
    {
        // This loads all code before memory is limited.
        Decode(mlContext, small);
        ulong pages = ulong.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture);
        ulong limit = (pages * (ulong)Environment.SystemPageSize) + Left;
        if (SetLimit(AddressSpace, new Limit(limit, limit)) != 0)
            throw new InvalidOperationException("The limit could not be set.");
        Decode(mlContext, large);
    }

    private static void Decode(MLContext mlContext, string path)
    {
        IDataView rows = mlContext.Data.LoadFromEnumerable([new PathRow { Path = path }]);
        IDataView images = mlContext.Transforms.LoadDerm7ptImages("Image", inputColumnName: nameof(PathRow.Path)).Fit(rows).Transform(rows);
        foreach (MLImage image in images.GetColumn<MLImage>("Image"))
            image.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private readonly record struct Limit(ulong Soft, ulong Hard);

    private sealed class PathRow
    {
        public string Path { get; set; } = "";
    }
}
