using System.Text;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Tasks;

namespace Derm7pt.MLNet.Tests.Tasks;

/// <summary>Tests that every error in a taxonomy's JSON gives a message with the position, the value and the allowed values.</summary>
[TestClass]
public sealed class TaxonomyJsonTests
{
    private const string Whole = """
        {"name":"own","version":1,"source":"nobody","tasks":[
        {"name":"A","code":"A","column":"a","title":"the a","kind":"criterion","labels":[{"name":"no","code":"N","score":0,"values":["n"]},{"name":"yes","code":"Y","score":2,"values":["y","yes"]}]},
        {"name":"D","code":"D","column":"d","title":"the d","kind":"diagnosis","labels":[{"name":"p","code":"P","melanoma":true,"values":["p"]},{"name":"q","code":"Q","values":["q"]},{"name":"r","code":"R","values":["r"]}]}],
        "variants":[{"name":"two","task":"D","labels":[{"name":"p","code":"P","melanoma":true,"merges":["P"]},{"name":"other","code":"O","merges":["Q","R"]}]}]}
        """;

    [TestMethod]
    public void FromJson_Whole_IsRead()
    {
        var taxonomy = Taxonomy.FromJson(Whole);

        Assert.AreEqual("A:criterion D:diagnosis", string.Join(' ', taxonomy.Tasks.Select(task => $"{task.Name}:{task.Kind.ToString().ToLowerInvariant()}")));
        CollectionAssert.AreEqual(new[] { 0, 2 }, taxonomy.Tasks[0].Labels.Select(label => label.Score).ToArray());
    }

    [TestMethod]
    [DataRow("\"variants\"", "// of mine\n\"variants\"")]
    [DataRow("[\"n\"]", "[\"n\",]")]
    [DataRow("[\"n\"]", "[/* no */\"n\",/* no */]")]
    [DataRow("\"version\":1", "/* own */ \"version\":1")]
    [DataRow("\"values\":[\"q\"]}", "\"values\":[\"q\"],}")]
    public void FromJson_CommentsAndTrailingCommas_AreAllowed(string find, string replacement)
    {
        string json = Whole.Replace(find, replacement, StringComparison.Ordinal);

        Assert.AreNotEqual(Whole, json);
        Assert.AreEqual(Taxonomy.FromJson(Whole).ToJson(), Taxonomy.FromJson(json).ToJson());
    }

    [TestMethod]
    // Missing keys.
    [DataRow("\"name\":\"own\",", "", "name is missing, expected the taxonomy's name")]
    [DataRow("\"name\":\"A\",", "", "tasks[0].name is missing, expected the task's name")]
    [DataRow("\"column\":\"d\",", "", "tasks[1].column is missing")]
    [DataRow(",\"kind\":\"diagnosis\"", "", "tasks[1].kind is missing, expected \"diagnosis\" or \"criterion\"")]
    [DataRow("\"name\":\"yes\",", "", "tasks[0].labels[1].name is missing, expected the label's name")]
    [DataRow(",\"values\":[\"n\"]", "", "tasks[0].labels[0].values is missing, expected an array of the raw values")]
    [DataRow(",\"merges\":[\"P\"]", "", "variants[0].labels[0].merges is missing, expected an array of the codes")]
    // Unknown keys, at every level.
    [DataRow("\"source\"", "\"sauce\"", "sauce is an unknown key; the keys are name, version, source, tasks, variants")]
    [DataRow("\"kind\":\"diagnosis\"", "\"knid\":\"diagnosis\"", "tasks[1].knid is an unknown key; the keys are name, code, column, title, kind, labels")]
    [DataRow("\"kind\":\"diagnosis\"", "\"Kind\":\"diagnosis\"", "tasks[1].Kind is an unknown key")]
    [DataRow("\"score\":2", "\"points\":2", "tasks[0].labels[1].points is an unknown key; the keys are name, code, score, melanoma, values")]
    [DataRow("\"merges\":[\"P\"]", "\"values\":[\"p\"]", "variants[0].labels[0].values is an unknown key; the keys are name, code, score, melanoma, merges")]
    [DataRow("\"task\":\"D\"", "\"of\":\"D\"", "variants[0].of is an unknown key; the keys are name, task, labels")]
    // Duplicate keys.
    [DataRow("\"version\":1", "\"version\":1,\"version\":2", "version occurs twice")]
    [DataRow("\"score\":2", "\"score\":2,\"score\":1", "tasks[0].labels[1].score occurs twice")]
    // Values of the wrong type.
    [DataRow("\"version\":1", "\"version\":\"1\"", "version is \"1\", expected a whole number")]
    [DataRow("\"name\":\"A\"", "\"name\":7", "tasks[0].name is 7, expected a text")]
    [DataRow("\"title\":\"the a\"", "\"title\":null", "tasks[0].title is null, expected a text")]
    [DataRow("\"melanoma\":true,\"values\"", "\"melanoma\":\"yes\",\"values\"", "tasks[1].labels[0].melanoma is \"yes\", expected true or false")]
    [DataRow("[\"n\"]", "\"n\"", "tasks[0].labels[0].values is \"n\", expected an array")]
    [DataRow("[\"n\"]", "[{}]", "tasks[0].labels[0].values[0] is an object, expected a text")]
    [DataRow("[\"n\"]", "[null]", "tasks[0].labels[0].values[0] is null, expected a text")]
    [DataRow("{\"name\":\"q\",\"code\":\"Q\",\"values\":[\"q\"]}", "\"q\"", "tasks[1].labels[1] is \"q\", expected an object")]
    [DataRow("{\"name\":\"q\",\"code\":\"Q\",\"values\":[\"q\"]}", "null", "tasks[1].labels[1] is null, expected an object")]
    [DataRow("\"name\":\"A\"", "\"name\":\"\\ud800\"", "tasks[0].name is no valid text")]
    [DataRow("\"source\"", "\"\\ud800\"", "a key is no valid text")]
    // Values that are not allowed.
    [DataRow("\"kind\":\"diagnosis\"", "\"kind\":\"diagnose\"", "tasks[1].kind is \"diagnose\", expected \"diagnosis\" or \"criterion\"")]
    [DataRow("\"kind\":\"diagnosis\"", "\"kind\":\"Diagnosis\"", "tasks[1].kind is \"Diagnosis\", expected \"diagnosis\" or \"criterion\"")]
    [DataRow("\"kind\":\"diagnosis\"", "\"kind\":0", "tasks[1].kind is 0, expected \"diagnosis\" or \"criterion\"")]
    [DataRow("\"score\":2", "\"score\":101", "tasks[0].labels[1].score is 101, expected a whole number from 0 to 100")]
    [DataRow("\"score\":2", "\"score\":-1", "tasks[0].labels[1].score is -1, expected a whole number from 0 to 100")]
    [DataRow("\"score\":2", "\"score\":1.5", "tasks[0].labels[1].score is 1.5, expected a whole number from 0 to 100")]
    [DataRow("\"score\":2", "\"score\":1e99", "tasks[0].labels[1].score is 1e99, expected a whole number from 0 to 100")]
    [DataRow("\"code\":\"Q\",", "\"code\":\"Q\",\"score\":1,", "tasks[1].labels[1].score is 1, expected none")]
    [DataRow("\"code\":\"Y\",", "\"code\":\"Y\",\"melanoma\":true,", "tasks[0].labels[1].melanoma is true, expected none")]
    [DataRow("\"name\":\"own\"", "\"name\":\" \"", "name is \" \", expected a text that is not blank")]
    [DataRow("\"code\":\"Y\"", "\"code\":\"\"", "tasks[0].labels[1].code is \"\", expected a text that is not blank")]
    [DataRow("\"name\":\"A\"", "\"name\":\"A\\u0000\"", "tasks[0].name is \"A\\u0000\", expected at most 256 characters and no control characters")]
    [DataRow("\"task\":\"D\"", "\"task\":\"d\"", "variants[0].task is \"d\", expected \"A\" or \"D\"")]
    [DataRow("[\"Q\",\"R\"]", "[\"Q\",\"S\"]", "variants[0].labels[1].merges[1] is \"S\", expected \"P\" or \"Q\" or \"R\"")]
    // Too few elements.
    [DataRow("[\"n\"]", "[]", "tasks[0].labels[0].values needs at least 1 entry, got 0")]
    [DataRow("[\"P\"]", "[]", "variants[0].labels[0].merges needs at least 1 entry, got 0")]
    // Duplicate values.
    [DataRow("\"name\":\"D\"", "\"name\":\"A\"", "tasks[1].name is 'A', and so is tasks[0].name: tasks have different names")]
    [DataRow("\"column\":\"d\"", "\"column\":\"a\"", "tasks[1].column is 'a', and so is tasks[0].column")]
    [DataRow("\"kind\":\"criterion\"", "\"kind\":\"diagnosis\"", "tasks[0].labels[1].score is 2, expected none")]
    [DataRow("\"name\":\"yes\"", "\"name\":\"no\"", "tasks[0].labels[1].name is 'no', and so is tasks[0].labels[0].name")]
    [DataRow("\"code\":\"Y\"", "\"code\":\"N\"", "tasks[0].labels[1].code is 'N', and so is tasks[0].labels[0].code")]
    [DataRow("[\"y\",\"yes\"]", "[\"y\",\"N\"]", "tasks[0].labels[1].values[1] is 'N', and so is tasks[0].labels[0].values[0]")]
    [DataRow("[\"Q\",\"R\"]", "[\"Q\",\"R\",\"Q\"]", "variants[0].labels[1].merges[2] is 'Q', and so is variants[0].labels[1].merges[0]")]
    [DataRow("[\"Q\",\"R\"]", "[\"Q\"]", "variants[0].labels merge no 'R'")]
    // Half of a surrogate pair, escaped and unescaped.
    [DataRow("\"name\":\"own\"", "\"name\":\"\\ud800\"", "Taxonomy: name is no valid text")]
    [DataRow("\"source\":\"nobody\"", "\"source\":\"\\udc00\"", "source is no valid text")]
    [DataRow("\"code\":\"A\"", "\"code\":\"\\ud800x\"", "tasks[0].code is no valid text")]
    [DataRow("\"column\":\"a\"", "\"column\":\"\\udc00\\ud800\"", "tasks[0].column is no valid text")]
    [DataRow("\"title\":\"the a\"", "\"title\":\"\\ud800\"", "tasks[0].title is no valid text")]
    [DataRow("\"kind\":\"criterion\"", "\"kind\":\"\\ud800\"", "tasks[0].kind is no valid text")]
    [DataRow("\"name\":\"yes\"", "\"name\":\"\\ud800\"", "tasks[0].labels[1].name is no valid text")]
    [DataRow("\"code\":\"Y\"", "\"code\":\"\\ud800\"", "tasks[0].labels[1].code is no valid text")]
    [DataRow("[\"n\"]", "[\"\\ud800\"]", "tasks[0].labels[0].values[0] is no valid text")]
    [DataRow("\"score\":2", "\"score\":\"\\ud800\"", "tasks[0].labels[1].score is \"\\ud800\", expected a whole number")]
    [DataRow("\"name\":\"two\"", "\"name\":\"\\ud800\"", "variants[0].name is no valid text")]
    [DataRow("\"task\":\"D\"", "\"task\":\"\\ud800\"", "variants[0].task is no valid text")]
    [DataRow("[\"P\"]", "[\"\\ud800\"]", "variants[0].labels[0].merges[0] is no valid text")]
    // Text that is almost JSON.
    [DataRow("\"variants\"", "# of mine\n\"variants\"", "not valid JSON, line 4, byte 1: ")]
    [DataRow("[\"n\"]", "[\"n\",,]", "not valid JSON, line 2, byte ")]
    [DataRow("\"version\":1", "version:1", "not valid JSON, line 1, byte 15: 'v' is an invalid start of a property name")]
    public void FromJson_Mistake_NamesPlaceValueAndWhatIsAllowed(string find, string replacement, string expected)
    {
        int place = Whole.IndexOf(find, StringComparison.Ordinal);
        Assert.IsGreaterThanOrEqualTo(0, place, find);

        string message = MessageOf(Whole[..place] + replacement + Whole[(place + find.Length)..]);

        StringAssert.Contains(message, expected);
        StringAssert.StartsWith(message, message.Contains("not valid JSON", StringComparison.Ordinal) ? "The taxonomy is not valid JSON" : "Taxonomy: ");
        Assert.IsFalse(message.Contains("LineNumber", StringComparison.Ordinal), message);
    }

    [TestMethod]
    [DataRow("", "not valid JSON")]
    [DataRow("null", "it is null, expected an object")]
    [DataRow("[]", "it is an array, expected an object")]
    [DataRow("{}", "name is missing")]
    [DataRow("{} {}", "not valid JSON")]
    [DataRow("""{"name":"x","tasks":[]}""", "tasks needs at least 1 entry, got 0")]
    [DataRow("""{"name":"x","tasks":[{"name":"A","column":"a","kind":"criterion","labels":[{"name":"p","values":["p"]}]}]}""", "tasks[0].labels needs at least 2 entries, got 1")]
    public void FromJson_NoTaxonomy_SaysSo(string json, string expected) => StringAssert.Contains(MessageOf(json), expected);

    // An attribute cannot contain this text.
    [TestMethod]
    public void FromJson_HalfOfASurrogatePair_NamesItsPlace() => Assert.AreEqual(
        "The taxonomy is not valid JSON: character 10 is half of a surrogate pair.", MessageOf("{\"name\":\"\udc00\"}"));

    [TestMethod]
    public void FromJson_SecondDiagnosis_NamesBoth()
    {
        JsonNode json = JsonNode.Parse(Whole)!;
        foreach (JsonNode? label in json["tasks"]![0]!["labels"]!.AsArray())
            label!.AsObject().Remove("score");
        json["tasks"]![0]!["kind"] = "diagnosis";

        StringAssert.Contains(MessageOf(json.ToJsonString()), "tasks[1].kind is 'diagnosis', and so is tasks[0].kind");
    }

    /// <summary>Tests that a renamed key is named by the message, and that a removed key is reported as missing unless it is optional.</summary>
    [TestMethod]
    public void FromJson_EveryKeyRenamed_IsRefusedByItsPath()
    {
        int objects = 0;
        Visit(JsonNode.Parse(Whole)!, "");
        Assert.AreEqual(11, objects);

        void Visit(JsonNode node, string path)
        {
            if (node is JsonObject own)
            {
                objects++;
                foreach (string key in own.Select(member => member.Key).ToArray())
                {
                    JsonNode root = JsonNode.Parse(Whole)!;
                    JsonObject copy = Find(root, path);
                    JsonNode? value = copy[key];
                    copy.Remove(key);
                    copy["x" + key] = value;
                    StringAssert.Contains(MessageOf(root.ToJsonString()), $" {(path.Length == 0 ? "" : path + ".")}x{key} is an unknown key");
                    Visit(own[key]!, path.Length == 0 ? key : $"{path}.{key}");
                }
            }
            else if (node is JsonArray items)
            {
                for (int i = 0; i < items.Count; i++)
                    Visit(items[i]!, $"{path}[{i}]");
            }
        }

        static JsonObject Find(JsonNode root, string path)
        {
            foreach (string step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
                root = (step[0] == '[' ? root[int.Parse(step[1..^1], System.Globalization.CultureInfo.InvariantCulture)] : root[step])!;
            return root.AsObject();
        }
    }

    [TestMethod]
    public void WriteStored_Derm7pt_LeavesOutTheKindOfTheDiagnosisOnly()
    {
        JsonNode own = JsonNode.Parse(Taxonomy.Derm7pt.ToJson())!, stored = JsonNode.Parse(TaxonomyJson.WriteStored(Taxonomy.Derm7pt))!;

        Assert.AreEqual("diagnosis", (string?)own["tasks"]![0]!["kind"]);
        own["tasks"]![0]!.AsObject().Remove("kind");
        Assert.AreEqual(own.ToJsonString(), stored.ToJsonString());
        StringAssert.Contains(MessageOf(stored.ToJsonString()), "tasks[0].kind is missing");
        Assert.AreEqual(
            Taxonomy.Derm7pt.ToJson(), TaxonomyJson.Read(Encoding.UTF8.GetBytes(stored.ToJsonString()), isStored: true).ToJson());
    }

    private static string MessageOf(string json) => Assert.ThrowsExactly<FormatException>(() => Taxonomy.FromJson(json)).Message;
}
