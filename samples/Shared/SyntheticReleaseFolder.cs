using Derm7pt.MLNet.Synthetic;
using Spectre.Console;

namespace Samples.Shared;

/// <summary>A synthetic release for trial runs.</summary>
internal static class SyntheticReleaseFolder
{
    /// <summary>Draws a release unless the folder contains one.</summary>
    /// <returns>The release's folder, <c>release_v0</c> in <paramref name="output"/>.</returns>
    public static string Ensure(
        IAnsiConsole console, DirectoryInfo output, SyntheticReleaseOptions options, CancellationToken cancellation)
    {
        string folder = Path.Combine(output.FullName, "release_v0");
        if (Directory.Exists(folder))
            return folder;

        console.Progress().Columns(Bars.Columns).Start(context =>
        {
            ProgressTask bar = context.AddTask("Drawing a synthetic release", maxValue: options.Cases);
            SyntheticRelease.Write(folder, options, new Callback<int>(count => bar.Value = count), cancellation);
            bar.Value = bar.MaxValue;
        });
        return folder;
    }
}
