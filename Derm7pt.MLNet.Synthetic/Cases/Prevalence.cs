namespace Derm7pt.MLNet.Synthetic;

/// <summary>Provides the frequencies of labels in the real release, and the correlation of criteria and diagnoses.</summary>
internal static class Prevalence
{
    /// <summary>The cases of the real release's splits: train, validation, test.</summary>
    public static readonly IReadOnlyList<int> SplitSizes = [413, 203, 395];

    private static readonly Dictionary<string, int[]> Train = new()
    {
        ["Diagnosis"] = [19, 256, 90, 32, 16],
        ["PigmentNetwork"] = [160, 160, 93],
        ["BlueWhitishVeil"] = [339, 74],
        ["VascularStructures"] = [347, 43, 23],
        ["Pigmentation"] = [253, 44, 116],
        ["Streaks"] = [273, 39, 101],
        ["DotsAndGlobules"] = [84, 156, 173],
        ["RegressionStructures"] = [317, 96],
    };

    private static readonly Dictionary<string, int[]> Test = new()
    {
        ["Diagnosis"] = [16, 219, 101, 40, 19],
        ["PigmentNetwork"] = [156, 146, 93],
        ["BlueWhitishVeil"] = [320, 75],
        ["VascularStructures"] = [313, 52, 30],
        ["Pigmentation"] = [223, 48, 124],
        ["Streaks"] = [257, 44, 94],
        ["DotsAndGlobules"] = [100, 118, 177],
        ["RegressionStructures"] = [289, 106],
    };

    /// <summary>
    /// Per criterion and label (from label 1 on), how much more readily the label falls to BCC, nevus, melanoma,
    /// miscellaneous and seborrheic keratosis. Only ratios matter: the label's count is fixed by the prevalence.
    /// </summary>
    private static readonly Dictionary<string, float[][]> Affinities = new()
    {
        ["PigmentNetwork"] = [[0.1f, 1f, 0.4f, 0.5f, 0.1f], [0.1f, 0.6f, 3f, 0.25f, 0.1f]],
        ["BlueWhitishVeil"] = [[0.4f, 0.3f, 5f, 0.15f, 0.5f]],
        ["VascularStructures"] = [[5f, 0.7f, 0.6f, 0.6f, 1f], [0.4f, 0.3f, 3.5f, 0.5f, 0.3f]],
        ["Pigmentation"] = [[0.2f, 1f, 0.4f, 0.8f, 0.6f], [0.5f, 0.5f, 4f, 0.2f, 0.6f]],
        ["Streaks"] = [[0.1f, 1f, 0.5f, 0.3f, 0.1f], [0.1f, 0.35f, 4f, 0.1f, 0.1f]],
        ["DotsAndGlobules"] = [[0.2f, 1.2f, 0.4f, 0.4f, 0.4f], [0.6f, 0.8f, 3.5f, 0.3f, 0.5f]],
        ["RegressionStructures"] = [[0.4f, 0.5f, 3f, 0.5f, 0.4f]],
    };

    /// <summary>Raw values that are clearly more common than the others of their label; the rest weigh 1.</summary>
    private static readonly Dictionary<string, float> RawValueWeights = new()
    {
        ["clark nevus"] = 9f,
        ["reed or spitz nevus"] = 2f,
        ["melanoma (in situ)"] = 3f,
        ["melanoma (less than 0.76 mm)"] = 5f,
        ["melanoma (0.76 to 1.5 mm)"] = 2f,
        ["dermatofibroma"] = 2f,
        ["comma"] = 2f,
        ["arborizing"] = 2f,
        ["dotted"] = 2f,
    };

    /// <summary>The share of each label in one split (0 train, 1 validation, 2 test), in label order.</summary>
    public static double[] Shares(ClassificationTask task, int split)
    {
        double[] train = Normalize(Train[task.Name]);
        double[] test = Normalize(Test[task.Name]);
        return split switch
        {
            0 => train,
            2 => test,
            // The article gives no counts for validation; halfway between the two is as good a guess as any.
            _ => [.. train.Zip(test, (a, b) => (a + b) / 2)],
        };
    }

    public static float Affinity(ClassificationTask criterion, int label, int diagnosis) =>
        Affinities[criterion.Name][label - 1][diagnosis];

    /// <summary>The raw value that stands for a label of a case: a pure function, so that table and picture agree.</summary>
    public static string RawValue(ClassificationTask task, int label, int seed)
    {
        IReadOnlyList<string> values = task.Labels[label].RawValues;
        float target = Randomness.For(seed, Invariant($"raw value/{task.Name}/{label}")).Next() * values.Sum(Weight);
        foreach (string value in values)
        {
            target -= Weight(value);
            if (target < 0)
                return value;
        }

        return values[^1];

        static float Weight(string value) => RawValueWeights.GetValueOrDefault(value, 1f);
    }

    /// <summary>Splits a number of cases in proportion to shares: largest remainders, and at least one for every share.</summary>
    public static int[] Apportion(int total, IReadOnlyList<double> shares)
    {
        double sum = shares.Sum();
        int[] counts = [.. shares.Select(share => Math.Max(1, (int)(total * share / sum)))];
        while (counts.Sum() != total)
        {
            bool grow = counts.Sum() < total;
            int furthest = Enumerable.Range(0, counts.Length)
                .Where(i => grow || counts[i] > 1)
                .MaxBy(i => (grow ? 1 : -1) * ((total * shares[i] / sum) - counts[i]));
            counts[furthest] += grow ? 1 : -1;
        }

        return counts;
    }

    private static double[] Normalize(int[] counts) => [.. counts.Select(count => count / (double)counts.Sum())];
}
