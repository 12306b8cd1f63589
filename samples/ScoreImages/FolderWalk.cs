namespace ScoreImages;

/// <summary>Lists every file below the given folders once, and follows links to files and folders.</summary>
/// <remarks>
/// A file that has several names through links is listed under the name without links, otherwise under the first name in the order of
/// paths. Hard links count as separate files. Hidden files and folders are omitted unless they are given explicitly.
/// </remarks>
internal sealed class FolderWalk(CancellationToken cancellation)
{
    private readonly List<(int Given, string Path)> _files = [];
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(int Given, string Path, string Real), string> _links = new(StringComparer.Ordinal);
    private readonly List<SkippedPath> _unreadable = [];
    private int _given;

    /// <summary>Gets the folders that could not be listed and the broken links.</summary>
    public IReadOnlyList<SkippedPath> Unreadable => [.. _unreadable.OrderBy(skipped => skipped.Path, StringComparer.Ordinal)];

    /// <summary>Gets the number of hidden files and folders that were omitted.</summary>
    public int Hidden { get; private set; }

    /// <summary>Gets the number of links to files and folders that are listed under another name.</summary>
    public int OtherNames { get; private set; }

    /// <summary>Adds a file or a folder. The order of the list is that of the calls.</summary>
    public void Add(string path)
    {
        string real = RealPath.Resolve(path);
        if (Directory.Exists(real))
            List(_given, path, real);
        else
            AddFile(_given, path, real);
        _given++;
    }

    /// <summary>Gets all files, those of each folder in ordinal order.</summary>
    public IReadOnlyList<string> Finish()
    {
        // Links are followed after all files with a name without links are listed.
        while (_links.TryDequeue(out (int Given, string Path, string Real) link, out _))
            Follow(link.Given, link.Path, link.Real);
        return [.. _files.OrderBy(file => file.Given).ThenBy(file => file.Path, StringComparer.Ordinal).Select(file => file.Path)];
    }

    private void Follow(int given, string path, string link)
    {
        try
        {
            string real = RealPath.Resolve(link);
            if (_listed.Contains(real))
                OtherNames++;
            else if (Directory.Exists(real))
                List(given, path, real);
            else if (File.Exists(real))
                AddFile(given, path, real);
            else
                _unreadable.Add(new(path, $"the link leads to '{real}', which does not exist or may not be read."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unreadable.Add(new(path, e.Message));
        }
    }

    private void AddFile(int given, string path, string real)
    {
        if (_listed.Add(real))
            _files.Add((given, path));
    }

    private void List(int given, string folder, string realFolder)
    {
        var pending = new Stack<(string Path, string Real)>([(folder, realFolder)]);
        while (pending.TryPop(out (string Path, string Real) next))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_listed.Add(next.Real))
                continue;
            try
            {
                foreach (FileSystemInfo entry in new DirectoryInfo(next.Path).EnumerateFileSystemInfos())
                {
                    (string path, string real) = (Path.Combine(next.Path, entry.Name), Path.Combine(next.Real, entry.Name));
                    if (entry.Attributes.HasFlag(FileAttributes.Hidden))
                        Hidden++;
                    else if (entry.LinkTarget is not null)
                        _links.Enqueue((given, path, real), path);
                    else if (entry is DirectoryInfo)
                        pending.Push((path, real));
                    else
                        AddFile(given, path, real);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _unreadable.Add(new(next.Path, e.Message));
            }
        }
    }
}

/// <summary>A file or folder that could not be read, and the reason.</summary>
internal sealed record SkippedPath(string Path, string Problem);
