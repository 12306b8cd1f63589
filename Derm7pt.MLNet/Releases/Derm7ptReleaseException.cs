using System.Globalization;

namespace Derm7pt.MLNet;

/// <summary>A Derm7pt release cannot be read; the message and <see cref="Problems"/> list all that is wrong with it.</summary>
public sealed class Derm7ptReleaseException : FormatException
{
    internal Derm7ptReleaseException(string folder, IReadOnlyList<Derm7ptReleaseProblem> problems, int problemCount)
        : base(Describe(folder, problems, problemCount)) =>
        (Folder, Problems, ProblemCount) = (folder, problems, problemCount);

    /// <summary>The folder that was read.</summary>
    public string Folder { get; }

    /// <summary>
    /// The problems, at most <see cref="Derm7ptRelease.Options.ReportAtMost"/>: of tables and splits first, then of images.
    /// </summary>
    public IReadOnlyList<Derm7ptReleaseProblem> Problems { get; }

    /// <summary>The number of problems found, including those beyond the limit.</summary>
    public int ProblemCount { get; }

    private static string Describe(string folder, IReadOnlyList<Derm7ptReleaseProblem> problems, int problemCount)
    {
        string noun = problemCount == 1 ? "problem" : "problems";
        IEnumerable<string> lines = problems.Select(problem => $"- {problem}");
        if (problemCount > problems.Count)
            lines = lines.Append(Invariant($"- and {problemCount - problems.Count} more"));
        return string.Create(CultureInfo.InvariantCulture, $"The Derm7pt release in '{folder}' has {problemCount} {noun}:\n")
            + string.Join('\n', lines);
    }
}
