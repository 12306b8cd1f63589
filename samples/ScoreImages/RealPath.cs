namespace ScoreImages;

/// <summary>Resolves symbolic links in all parts of a path, as realpath does.</summary>
internal static class RealPath
{
    // This is the limit of Linux. A link that refers to itself would never end.
    private const int MaximumLinks = 40;

    /// <summary>Gets the path of the same file or folder without links. The target need not exist.</summary>
    /// <exception cref="IOException">The links form a loop, or one cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A link may not be read.</exception>
    public static string Resolve(string path)
    {
        string full = Path.GetFullPath(path);
        string real = Path.GetPathRoot(full)!;
        var parts = new Stack<string>();
        Push(full[real.Length..]);
        for (int links = 0; parts.TryPop(out string? part);)
        {
            // A part that is a link may refer to another folder, so ".." is relative to the resolved path of the parts before it.
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            string next = Path.Combine(real, part);
            if (part == "." || new FileInfo(next).LinkTarget is not { } target)
            {
                real = part == "." ? real : next;
                continue;
            }

            if (++links > MaximumLinks)
                throw new IOException($"The links of '{path}' lead round in a circle.");
            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(Path.GetFullPath(target))!;
                target = target[Path.GetPathRoot(target)!.Length..];
            }

            Push(target);
        }

        return real;

        void Push(string relative)
        {
            char[] separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];
            foreach (string part in relative.Split(separators, StringSplitOptions.RemoveEmptyEntries).Reverse())
                parts.Push(part);
        }
    }
}
