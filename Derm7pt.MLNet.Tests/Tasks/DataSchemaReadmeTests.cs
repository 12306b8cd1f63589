using System.Text.Json.Nodes;

namespace Derm7pt.MLNet.Tests.Tasks;

/// <summary>Generates the tables of <c>data-schema/README.md</c> from the JSON files and compares them with the page.</summary>
[TestClass]
public sealed class DataSchemaReadmeTests
{
    private static readonly string Folder = FindFolder();

    [TestMethod]
    public void Readme_ReleaseTables_AgreeWithTheJson()
    {
        JsonNode release = Parse("release.json");
        AssertReadmeHas(Table(
            "| path | what it holds | column |",
            [
                $"| `{release["imagesFolder"]}/` | images, in folders | |",
                $"| `{release["metaFile"]}` | one row a case | see below |",
                .. release["splits"]!.AsArray().Select(split =>
                    $"| `{split!["file"]}` | row numbers of the split `{split["name"]}` | `{split["column"]}` |"),
            ]));
        AssertReadmeHas(Table(
            "| column | role | data view column | may be empty |",
            release["columns"]!.AsArray().Select(column =>
                $"| `{column!["name"]}` | {column["role"]} | {(column["output"] is JsonNode output ? $"`{output}`" : "the task's name")} "
                + $"| {((bool?)column["optional"] == true ? "yes" : "")} |")));
    }

    [TestMethod]
    public void Readme_TaxonomyTables_AgreeWithTheJson()
    {
        JsonNode taxonomy = Parse("taxonomy.json");
        AssertReadmeHas(Table(
            "| task | code | column | label | code | score | raw values |",
            taxonomy["tasks"]!.AsArray().SelectMany(task => task!["labels"]!.AsArray().Select(label =>
                $"| {task["name"]} | {task["code"]} | `{task["column"]}` | {label!["name"]} | {label["code"]} | {label["score"]} "
                + $"| {string.Join(", ", label["values"]!.AsArray())} |"))));
        AssertReadmeHas(Table(
            "| variant | task | label | code | merges |",
            taxonomy["variants"]!.AsArray().SelectMany(variant => variant!["labels"]!.AsArray().Select(label =>
                $"| `{variant["name"]}` | {variant["task"]} | {label!["name"]} | {label["code"]} "
                + $"| {string.Join(", ", label["merges"]!.AsArray())} |"))));
    }

    private static string Table(string header, IEnumerable<string> rows)
    {
        string rule = string.Concat(Enumerable.Repeat("|---", header.Count(c => c == '|') - 1)) + "|";
        return string.Join('\n', [header, rule, .. rows.Select(row => row.Replace("|  |", "| |"))]) + "\n";
    }

    private static void AssertReadmeHas(string table)
    {
        string readme = File.ReadAllText(Path.Combine(Folder, "README.md")).ReplaceLineEndings("\n");
        if (!readme.Contains(table, StringComparison.Ordinal))
            Assert.Fail($"data-schema/README.md should have this table:\n{table}");
    }

    private static JsonNode Parse(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!;

    private static string FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "data-schema");
            if (Directory.Exists(candidate))
                return candidate;
        }

        throw new InvalidOperationException("There is no data-schema folder above the tests.");
    }
}
