namespace Derm7pt.MLNet.Tests.Architecture;

/// <summary>The references between the folders of the library, derived from the types that are defined in them.</summary>
internal sealed class FolderGraph
{
    /// <summary>The project folder.</summary>
    public const string Root = "";

    private const string Project = "Derm7pt.MLNet";

    private readonly IReadOnlyList<string> _folders;
    private readonly SortedDictionary<(string From, string To), SortedSet<string>> _edges = [];

    private FolderGraph(IReadOnlyList<string> folders) => _folders = folders;

    /// <summary>The folder of each type.</summary>
    public IReadOnlyDictionary<string, string> FolderOf { get; private set; } = new Dictionary<string, string>();

    /// <param name="assembly">The library, with its symbol file in the same folder.</param>
    /// <param name="folders">The folders to distinguish; a type belongs to the innermost one that its file is in.</param>
    public static FolderGraph Of(string assembly, IReadOnlyList<string> folders)
    {
        var graph = new FolderGraph(folders);
        TypeReferences all = TypeReferences.Of(assembly);
        Dictionary<string, string> folderOf = all.Files
            // Types that the compiler generates, such as embedded attributes, are not in this namespace.
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
            // Imports of namespaces that belong to a folder count; the root namespace is in scope everywhere.
            if (graph.FolderOfFile(file) is { } folder && imported.StartsWith($"{Project}.", StringComparison.Ordinal))
                graph.Add(folder, graph.Innermost(imported[(Project.Length + 1)..].Replace('.', '/')), $"{Path.GetFileName(file)} imports {imported}");
        }

        return graph;
    }

    /// <summary>Gets the folders that a folder refers to, in the order of the folders.</summary>
    public IEnumerable<string> UsedBy(string folder) => _folders.Where(other => _edges.ContainsKey((folder, other)));

    /// <summary>Describes each reference from a type of one folder to a type of another, in one sentence per reference.</summary>
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
            // The folder of a type that only a generator writes, such as the messages of ONNX, follows from its namespace.
            [] => Innermost(type[(Project.Length + 1)..type.LastIndexOf('.')].Replace('.', '/')),
            _ => throw new InvalidOperationException($"{type} is written in several folders: {string.Join(", ", folders)}."),
        };
    }

    /// <summary>Gets the folder of a source file of the library; <see langword="null"/> for a file that the build generates.</summary>
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
