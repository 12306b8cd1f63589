namespace Derm7pt.MLNet.Base;

/// <summary>Provides paths in the system's folder for temporary files, which can be missing, read-only or full.</summary>
/// <remarks>This file depends on nothing else; samples/ScoreImages, which scores without this library, compiles it too.</remarks>
internal static class TempFolder
{
    /// <summary>Creates a path in the folder that no other file has.</summary>
    public static string NewPath(string prefix, string extension) =>
        Path.Combine(Path.GetTempPath(), $"{prefix}{Guid.NewGuid():N}{extension}");

    /// <summary>Determines whether an exception, or its cause, is a failure to read or write a file.</summary>
    public static bool IsFileFailure(Exception failure) => Cause(failure) is not null;

    /// <summary>Creates an exception whose message names the folder.</summary>
    /// <param name="purpose">The operation that needs the file, as the subject of a sentence.</param>
    /// <param name="failure">The exception that occurred while a file in the folder was written or read.</param>
    public static IOException Blame(string purpose, Exception failure) => new(
        $"{purpose} needs a file in the temporary folder '{Path.GetTempPath()}', which failed: {Cause(failure)?.Message ?? failure.Message} " +
        $"Make room there, or name another folder in the environment variable {(OperatingSystem.IsWindows() ? "TMP" : "TMPDIR")}.",
        failure);

    private static Exception? Cause(Exception? failure)
    {
        // ML.NET wraps the exceptions of its loaders more than once. Content that ends too early is not a problem of the folder.
        while (failure is EndOfStreamException or not (null or IOException or UnauthorizedAccessException))
            failure = failure.InnerException;
        return failure;
    }
}
