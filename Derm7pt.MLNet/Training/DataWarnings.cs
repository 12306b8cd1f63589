using System.Security.Cryptography;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training.Sampling;

namespace Derm7pt.MLNet.Training;

/// <summary>Describes problems in the data of a training that do not prevent it from running.</summary>
internal static class DataWarnings
{
    private const int Described = 20;

    /// <summary>For each task how many labels are missing: too many may be texts that an earlier stage has lost.</summary>
    public static IEnumerable<string> MissingLabels(LabelTable labels, string role) =>
        from task in Enumerable.Range(0, labels.Columns.Count)
        let missing = labels.Columns[task].Count(label => label == LabelTable.Missing)
        where missing > 0
        select Invariant($"{missing} of {labels.CaseCount} labels of {labels.Taxonomy.Tasks[task].Name} are missing in the {role} and left out of the loss.");

    /// <summary>Describes the labels whose cases are all in one group, so that no model of a cross-validation is both trained and evaluated on them.</summary>
    public static IEnumerable<string> LabelsOfOneGroup(LabelTable labels, CaseGroups groups) =>
        from task in Enumerable.Range(0, labels.Columns.Count)
        from label in Enumerable.Range(0, labels.Taxonomy.Tasks[task].Labels.Count)
        let cases = Enumerable.Range(0, labels.CaseCount).Where(c => labels.Columns[task][c] == label).ToArray()
        where cases.Length > 0 && cases.All(c => groups.GroupOfCase[c] == groups.GroupOfCase[cases[0]])
        select Invariant($"All cases ({cases.Length}) of label '{labels.Taxonomy.Tasks[task].Labels[label].Name}' of {labels.Taxonomy.Tasks[task].Name} ")
            + "are in one fold, so that no model is trained on some of them and evaluated on others.";

    /// <summary>
    /// The rows whose image has the pixels of a row before, each with the first such row. Between training data and validation
    /// set this is leakage.
    /// </summary>
    public static IEnumerable<string> SharedImages(LabelledImages training, LabelledImages? validation)
    {
        var firsts = new Dictionary<string, (string Role, int Row)>();
        int shared = 0;
        (LabelledImages? Images, string Role)[] sets = [(training, DataRoles.Training), (validation, DataRoles.Validation)];
        foreach ((LabelledImages? images, string role) in sets)
        {
            for (int row = 0; row < images?.Count; row++)
            {
                string hash = Convert.ToHexString(SHA256.HashData(images[row]));
                if (firsts.TryAdd(hash, (role, row)) || ++shared > Described)
                    continue;
                (string firstRole, int firstRow) = firsts[hash];
                string leakage = firstRole == role ? "" : "Leakage: ";
                yield return Invariant($"{leakage}row {row} of the {role} has the image of row {firstRow} of the {firstRole}.");
            }
        }

        if (shared > Described)
            yield return Invariant($"{shared - Described} more rows have the image of another row.");
    }
}
