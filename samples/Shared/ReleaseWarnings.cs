using Derm7pt.MLNet;
using Spectre.Console;

namespace Samples.Shared;

/// <summary>Shows the warnings about a release.</summary>
internal static class ReleaseWarnings
{
    private const string Leakage = "leakage";
    private const int LeakageShown = 5;

    /// <summary>
    /// Writes the first warnings about leakage between splits, which makes results invalid, and the number of the other warnings with
    /// an example.
    /// </summary>
    public static void Write(IAnsiConsole console, Derm7ptRelease release)
    {
        Derm7ptReleaseProblem[] shown =
        [
            .. release.Warnings
                .TakeWhile((warning, i) => i < LeakageShown && warning.Message.StartsWith(Leakage, StringComparison.Ordinal)),
        ];
        foreach (Derm7ptReleaseProblem warning in shown)
            console.MarkupLineInterpolated($"[red]Warning:[/] {warning.ToString()}");
        if (release.Warnings.Count > shown.Length)
        {
            console.MarkupLineInterpolated(
                $"[yellow]{release.Warnings.Count - shown.Length} {(shown.Length > 0 ? "more " : "")}warnings[/], for example: {release.Warnings[shown.Length].ToString()}");
        }
    }
}
