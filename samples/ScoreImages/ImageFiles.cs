namespace ScoreImages;

/// <summary>Finds the image files, and counts the files that are skipped.</summary>
internal static class ImageFiles
{
    /// <summary>
    /// Finds the images among the files in and below the given folders, sorted, and adds the given files regardless of their
    /// content. No file occurs twice.
    /// </summary>
    /// <exception cref="ScoringException">A path does not exist, or no image was found.</exception>
    public static FoundFiles Find(IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        var walk = new FolderWalk(cancellation);
        foreach (string path in paths)
        {
            if (!File.Exists(path) && !Directory.Exists(path))
                throw new ScoringException($"There is no file or folder '{path}'.");
            walk.Add(path);
        }

        HashSet<string> given = new(paths, StringComparer.Ordinal);
        var images = new List<ImageFile>();
        var others = new List<string>();
        foreach (string file in walk.Finish())
        {
            cancellation.ThrowIfCancellationRequested();
            ContentKind kind = ImageContent.Examine(file, out string? problem);
            if (kind == ContentKind.Other && !given.Contains(file))
                others.Add(file);
            else
                images.Add(new ImageFile(file, kind == ContentKind.Other ? "it is not an image." : problem));
        }

        var found = new FoundFiles(images, walk.Unreadable, others, walk.Hidden, walk.OtherNames);
        return images.Count + walk.Unreadable.Count > 0
            ? found
            : throw new ScoringException($"There are no images in '{string.Join("', '", paths)}'. {found.PassedOver}".TrimEnd());
    }
}

/// <summary>A file that is an image or should be one.</summary>
/// <param name="Path">The path, as written to the results.</param>
/// <param name="Problem">The reason why it cannot be scored, if this is known before it is decoded; otherwise null.</param>
internal sealed record ImageFile(string Path, string? Problem);

/// <summary>The files below the given paths.</summary>
/// <param name="Images">The files to score, in the order of the results.</param>
/// <param name="Unreadable">The folders that could not be listed and the broken links.</param>
/// <param name="Others">The files that are not images.</param>
/// <param name="Hidden">The number of hidden files and folders, which are not read.</param>
/// <param name="OtherNames">The number of links to files and folders that are listed under another name.</param>
internal sealed record FoundFiles(
    IReadOnlyList<ImageFile> Images, IReadOnlyList<SkippedPath> Unreadable, IReadOnlyList<string> Others, int Hidden, int OtherNames)
{
    private const int ExtensionsShown = 8;

    /// <summary>Gets a sentence about the files that were skipped without an error; empty if there are none.</summary>
    public string PassedOver
    {
        get
        {
            string[] parts = [.. Parts()];
            return parts.Length == 0 ? "" : $"Passed over: {string.Join("; ", parts)}.";
        }
    }

    private IEnumerable<string> Parts()
    {
        if (Others.Count > 0)
            yield return $"{Count(Others.Count, "file that is no image", "files that are no images")} ({string.Join(", ", Extensions())})";
        if (Hidden > 0)
            yield return Count(Hidden, "hidden file or folder", "hidden files or folders");
        if (OtherNames > 0)
            yield return Count(OtherNames, "link to what is scored under another name", "links to what is scored under another name");
    }

    private IEnumerable<string> Extensions()
    {
        (string Extension, int Files)[] counts =
        [
            .. Others.CountBy(file => Path.GetExtension(file).ToLowerInvariant())
                .Select(pair => (pair.Key, pair.Value))
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal),
        ];
        foreach ((string extension, int files) in counts.Take(ExtensionsShown))
            yield return $"{files} {(extension.Length == 0 ? "without extension" : extension)}";
        if (counts.Length > ExtensionsShown)
            yield return $"{counts.Skip(ExtensionsShown).Sum(pair => pair.Files)} others";
    }

    private static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
}
