namespace Derm7pt.MLNet;

/// <summary>
/// The exception that is thrown when a file is not a model that this library can load: the file is damaged, has a newer format, is
/// inconsistent, or is not a model.
/// </summary>
public sealed class Derm7ptModelException : FormatException
{
    internal Derm7ptModelException(string path, string problem, Exception? inner = null)
        : base($"The file '{path}' cannot be loaded: {problem}", inner) => (Path, Problem) = (path, problem);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The problem of the file, with the expected and the actual content.</summary>
    internal string Problem { get; }
}
