namespace Derm7pt.MLNet.Tests.Architecture;

/// <summary>
/// The table of folders in docs/architecture.md is the rule: a folder refers only to folders further down, so that there is no cycle,
/// and the last column lists exactly the folders that it refers to.
/// </summary>
[TestClass]
public sealed class ArchitectureTests
{
    private const string Page = "docs/architecture.md";

    private static readonly (string Folder, string Uses)[] Rows = ReadRows();

    private static readonly FolderGraph Graph =
        FolderGraph.Of(typeof(Taxonomy).Assembly.Location, [.. Rows.Select(row => row.Folder)]);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Folders_AllReferences_PointDown()
    {
        var upward = new List<string>();
        for (int upper = 0; upper < Rows.Length; upper++)
        {
            for (int lower = upper + 1; lower < Rows.Length; lower++)
            {
                (string above, string below) = (Rows[upper].Folder, Rows[lower].Folder);
                if (Graph.UsedBy(below).Contains(above))
                    upward.Add($"{Name(below)} must not refer to {Name(above)}: {string.Join("; ", Graph.Reasons(below, above))}");
            }
        }

        Assert.IsEmpty(upward, string.Join(Environment.NewLine, upward));
    }

    [TestMethod]
    public void Folders_ReferencesOfEach_StandOnThePage()
    {
        string expected = string.Join("\n", Rows.Select(row => $"{Name(row.Folder)}: {Uses(row.Folder)}"));
        TestContext.WriteLine(expected);

        string actual = string.Join("\n", Rows.Select(row => $"{Name(row.Folder)}: {row.Uses}"));

        Assert.AreEqual(expected, actual, $"the last column of the folders of {Page}");
    }

    /// <summary>Internal types are in the namespace of their folder; public ones may be in a shorter one, so that users import few namespaces.</summary>
    [TestMethod]
    public void Types_NamespaceOfInternalOnes_IsThatOfTheFolder()
    {
        string[] misplaced =
        [
            .. typeof(Taxonomy).Assembly.GetTypes()
                .Where(type => type is { IsNested: false, IsPublic: false } && Graph.FolderOf.ContainsKey(type.FullName!))
                .Select(type => (Type: type, Folder: Graph.FolderOf[type.FullName!]))
                .Where(entry => string.Join('.', ["Derm7pt.MLNet", .. entry.Folder.Split('/', StringSplitOptions.RemoveEmptyEntries)]) != entry.Type.Namespace)
                .Select(entry => $"{entry.Type.FullName} is in the folder {Name(entry.Folder)}"),
        ];

        Assert.IsEmpty(misplaced, string.Join(Environment.NewLine, misplaced));
    }

    private static string Uses(string folder) => string.Join(", ", Graph.UsedBy(folder).DefaultIfEmpty("none"));

    private static string Name(string folder) => folder == FolderGraph.Root ? "Derm7pt.MLNet" : folder;

    private static (string Folder, string Uses)[] ReadRows()
    {
        // | `Training/` | what it holds | Networks, Inputs |
        string[][] cells =
        [
            .. File.ReadLines(Path.Combine(RepositoryFolder.Path, Page))
                .SkipWhile(line => line != "## Folders")
                .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries)),
        ];
        return [.. cells.Select(row => (row[0].Trim('`').TrimEnd('/') is var name && name == "Derm7pt.MLNet" ? FolderGraph.Root : name, row[^1]))];
    }
}
