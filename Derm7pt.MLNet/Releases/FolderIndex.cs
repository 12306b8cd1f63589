namespace Derm7pt.MLNet.Releases;

/// <summary>
/// Looks files up below a folder, whatever their letter case, on every file system alike. Each folder is listed once.
/// </summary>
internal sealed class FolderIndex
{
    private readonly Dictionary<string, Lookup> _listings = new(StringComparer.Ordinal);

    /// <summary>
    /// Everything whose path below <paramref name="folder"/> is <paramref name="parts"/> but for letter case. Where one has
    /// exactly that path, it is the only match.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be listed.</exception>
    public IReadOnlyList<string> Find(string folder, IReadOnlyList<string> parts, bool isFolder)
    {
        List<string> matches = [folder];
        for (int part = 0; part < parts.Count; part++)
        {
            bool wantsFolder = part < parts.Count - 1 || isFolder;
            matches = [.. from match in matches
                          from name in Names(match, parts[part], wantsFolder)
                          select Path.Combine(match, name)];
        }

        string exact = Path.Combine([folder, .. parts]);
        return matches.Contains(exact, StringComparer.Ordinal) ? [exact] : matches;
    }

    private IReadOnlyList<string> Names(string folder, string name, bool isFolder)
    {
        if (!_listings.TryGetValue(folder, out Lookup? listing))
            _listings.Add(folder, listing = new Lookup(folder));
        return (isFolder ? listing.Folders : listing.Files).GetValueOrDefault(name, []);
    }

    private sealed class Lookup
    {
        public Lookup(string folder)
        {
            foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            {
                Dictionary<string, List<string>> names = entry.Attributes.HasFlag(FileAttributes.Directory) ? Folders : Files;
                if (!names.TryGetValue(entry.Name, out List<string>? sameButForCase))
                    names.Add(entry.Name, sameButForCase = []);
                sameButForCase.Add(entry.Name);
                sameButForCase.Sort(StringComparer.Ordinal);
            }
        }

        public Dictionary<string, List<string>> Files { get; } = new(StringComparer.OrdinalIgnoreCase);

        public Dictionary<string, List<string>> Folders { get; } = new(StringComparer.OrdinalIgnoreCase);
    }
}
