namespace Derm7pt.MLNet.Releases;

/// <summary>Gathers the problems of a release, so that all can be reported at once.</summary>
internal sealed class ProblemList(int reportAtMost)
{
    private readonly List<Derm7ptReleaseProblem> _problems = [];

    /// <summary>The number of problems found, of which only the first are kept.</summary>
    public int Count { get; private set; }

    public void Add(Derm7ptReleaseProblem problem)
    {
        Count++;
        if (_problems.Count < reportAtMost)
            _problems.Add(problem);
    }

    public void ThrowIfAny(string folder)
    {
        if (Count > 0)
            throw new Derm7ptReleaseException(folder, _problems, Count);
    }
}
