namespace ScoreImages;

/// <summary>Finds the image files.</summary>
internal static class ImageFiles
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".bmp", ".webp"];

    /// <summary>All images of the given folders, sorted, and the given files whatever their names; none twice.</summary>
    /// <exception cref="ScoringException">A path does not exist, or there is no image at all.</exception>
    public static string[] Find(IReadOnlyList<string> paths)
    {
        string[] files = [.. paths.SelectMany(Expand).DistinctBy(Path.GetFullPath)];
        return files.Length > 0
            ? files
            : throw new ScoringException($"There are no images ({string.Join(", ", Extensions)}) in '{string.Join("', '", paths)}'.");
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new ScoringException($"There is no file or folder '{path}'.");
        // A folder that may not be read is an error: images would be missing from the results in silence.
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false };
        return Directory.EnumerateFiles(path, "*", options)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
    }
}
