namespace Derm7pt.MLNet.Tests.Architecture;

/// <summary>Which folders of the library refer to which, from the types that are written in them.</summary>
internal sealed class FolderGraph
{
    /// <summary>The folder of the project itself.</summary>
    public const string Root = "";

    private const string Project = "Derm7pt.MLNet";

    private readonly IReadOnlyList<string> _folders;
    private readonly SortedDictionary<(string From, string To), SortedSet<string>> _edges = [];

    private FolderGraph(IReadOnlyList<string> folders) => _folders = folders;

    /// <summary>The folder of each type.</summary>
    public IReadOnlyDictionary<string, string> FolderOf { get; private set; } = new Dictionary<string, string>();

    /// <param name="assembly">The library, with its symbols beside it.</param>
    /// <param name="folders">The folders that are told apart; a type belongs to the innermost one that its file is in.</param>
    public static FolderGraph Of(string assembly, IReadOnlyList<string> folders)
    {
        var graph = new FolderGraph(folders);
        TypeReferences all = TypeReferences.Of(assembly);
        Dictionary<string, string> folderOf = all.Files
            // The compiler's own helpers, such as embedded attributes, are not of this namespace.
            .Where(type => type.Key.StartsWith($"{Project}.", StringComparison.Ordinal))
            .ToDictionary(type => type.Key, type => graph.FolderOfType(type.Key, type.Value));
        graph.FolderOf = folderOf;
        foreach ((string type, string folder) in folderOf)
        {
            foreach (string other in all.References[type].Where(folderOf.ContainsKey))
                graph.Add(folder, folderOf[other], $"{type} refers to {other}");
        }

        foreach ((string file, string imported) in all.Imports)
        {
            // A namespace of the library that is a folder's; the root is in scope everywhere.
            if (graph.FolderOfFile(file) is { } folder && imported.StartsWith($"{Project}.", StringComparison.Ordinal))
                graph.Add(folder, graph.Innermost(imported[(Project.Length + 1)..].Replace('.', '/')), $"{Path.GetFileName(file)} imports {imported}");
        }

        return graph;
    }

    /// <summary>The folders that a folder refers to, in the order of the folders.</summary>
    public IEnumerable<string> UsedBy(string folder) => _folders.Where(other => _edges.ContainsKey((folder, other)));

    /// <summary>What in a folder refers to which part of another, as one sentence each.</summary>
    public IEnumerable<string> Reasons(string from, string to) => _edges[(from, to)];

    private void Add(string from, string to, string reason)
    {
        if (from == to)
            return;
        if (!_edges.TryGetValue((from, to), out SortedSet<string>? reasons))
            _edges.Add((from, to), reasons = new(StringComparer.Ordinal));
        reasons.Add(reason);
    }

    private string FolderOfType(string type, IEnumerable<string> files)
    {
        string[] folders = [.. files.Select(FolderOfFile).OfType<string>().Distinct()];
        return folders switch
        {
            [string folder] => folder,
            // Written by a generator alone, such as the messages of ONNX: only the namespace says where it belongs.
            [] => Innermost(type[(Project.Length + 1)..type.LastIndexOf('.')].Replace('.', '/')),
            _ => throw new InvalidOperationException($"{type} is written in several folders: {string.Join(", ", folders)}."),
        };
    }

    /// <summary>The folder of a source file of the library; <see langword="null"/> for one that the build writes.</summary>
    private string? FolderOfFile(string file)
    {
        int start = file.LastIndexOf($"/{Project}/", StringComparison.Ordinal);
        string path = start < 0 ? "obj/" : file[(start + Project.Length + 2)..];
        return path.StartsWith("obj/", StringComparison.Ordinal) ? null
            : path.Contains('/') ? Innermost(path[..path.LastIndexOf('/')])
            : Root;
    }

    private string Innermost(string path) =>
        _folders.Where(folder => folder != Root && (path == folder || path.StartsWith($"{folder}/", StringComparison.Ordinal)))
            .MaxBy(folder => folder.Length)
        ?? throw new InvalidOperationException($"'{path}' is none of the folders {string.Join(", ", _folders)}.");
}
