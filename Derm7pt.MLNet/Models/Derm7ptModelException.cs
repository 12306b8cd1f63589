namespace Derm7pt.MLNet;

/// <summary>
/// A file is no model that this library can load: it is damaged, of a newer format, contradicts itself, or is something else.
/// </summary>
public sealed class Derm7ptModelException : FormatException
{
    internal Derm7ptModelException(string path, string problem, Exception? inner = null)
        : base($"The file '{path}' cannot be loaded: {problem}", inner) => (Path, Problem) = (path, problem);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong with it: what was expected, and what is there instead.</summary>
    internal string Problem { get; }
}
