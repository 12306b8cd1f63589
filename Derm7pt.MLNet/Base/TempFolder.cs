namespace Derm7pt.MLNet.Base;

/// <summary>The folder of the system for temporary files, which can be missing, read-only or full.</summary>
/// <remarks>This file depends on nothing else; samples/ScoreImages, which scores without this library, compiles it too.</remarks>
internal static class TempFolder
{
    /// <summary>A path in it that no other file has.</summary>
    public static string NewPath(string prefix, string extension) =>
        Path.Combine(Path.GetTempPath(), $"{prefix}{Guid.NewGuid():N}{extension}");

    /// <summary>Determines whether a failure, or what has caused it, is one of reading or writing files.</summary>
    public static bool IsFileFailure(Exception failure) => Cause(failure) is not null;

    /// <summary>The failure with the folder to blame in its message.</summary>
    /// <param name="purpose">What needs the file, as the subject of a sentence.</param>
    /// <param name="failure">What has gone wrong while a file in the folder was written or read.</param>
    public static IOException Blame(string purpose, Exception failure) => new(
        $"{purpose} needs a file in the temporary folder '{Path.GetTempPath()}', which failed: {Cause(failure)?.Message ?? failure.Message} " +
        $"Make room there, or name another folder in the environment variable {(OperatingSystem.IsWindows() ? "TMP" : "TMPDIR")}.",
        failure);

    private static Exception? Cause(Exception? failure)
    {
        // ML.NET wraps what its loaders throw, more than once. A content that ends too early is no fault of the folder.
        while (failure is EndOfStreamException or not (null or IOException or UnauthorizedAccessException))
            failure = failure.InnerException;
        return failure;
    }
}
