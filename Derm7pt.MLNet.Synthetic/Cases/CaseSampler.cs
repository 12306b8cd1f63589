namespace Derm7pt.MLNet.Synthetic;

/// <summary>
/// Draws the labels of all cases. Counts per split are fixed by the prevalence, so that even rare labels occur in every
/// split; only the assignment of labels to cases is random, and it depends on the diagnosis.
/// </summary>
internal static class CaseSampler
{
    /// <summary>How strongly one hidden degree of atypia moves all the scoring labels of a case together.</summary>
    private const double Cohesion = 0.35;

    public static SyntheticCase[] Draw(SyntheticReleaseOptions options)
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        int[] splitSizes = Prevalence.Apportion(options.Cases, [.. Prevalence.SplitSizes.Select(size => (double)size)]);
        int[] splitOfRow = [.. splitSizes.SelectMany((size, split) => Enumerable.Repeat(split, size))];
        Randomness.For(options.Seed, "splits").Shuffle(splitOfRow);

        var labels = new int[options.Cases][];
        for (int split = 0; split < splitSizes.Length; split++)
        {
            int[] rows = [.. Enumerable.Range(0, options.Cases).Where(row => splitOfRow[row] == split)];
            int[][] drawn = DrawSplit(taxonomy, split, rows.Length, Randomness.For(options.Seed, Invariant($"labels/{split}")));
            for (int i = 0; i < rows.Length; i++)
                labels[rows[i]] = drawn[i];
        }

        return [.. labels.Select((own, row) =>
        {
            int seed = SeedOf(options.Seed, row);
            return new SyntheticCase(row, splitOfRow[row], own, WithNoise(taxonomy, own, options.LabelNoise, seed), seed);
        })];
    }

    /// <summary>The seed of a case depends on nothing but the release's seed and the row.</summary>
    public static int SeedOf(int seed, int row) => unchecked((int)Randomness.For(seed, Invariant($"case/{row}")).NextBits());

    private static int[][] DrawSplit(Taxonomy taxonomy, int split, int cases, Randomness random)
    {
        int[] diagnoses = [.. Prevalence.Apportion(cases, Prevalence.Shares(taxonomy.Diagnosis!, split))
            .SelectMany((count, label) => Enumerable.Repeat(label, count))];
        random.Shuffle(diagnoses);
        double[] atypia = [.. diagnoses.Select(_ => random.Normal())];

        int[][] labels = [.. diagnoses.Select(_ => new int[taxonomy.Tasks.Count])];
        for (int task = 0; task < taxonomy.Tasks.Count; task++)
        {
            int[] column = task == taxonomy.DiagnosisIndex
                ? diagnoses
                : DrawCriterion(taxonomy.Tasks[task], split, diagnoses, atypia, random);
            for (int i = 0; i < cases; i++)
                labels[i][task] = column[i];
        }

        return labels;
    }

    private static int[] DrawCriterion(
        ClassificationTask criterion, int split, int[] diagnoses, double[] atypia, Randomness random)
    {
        int[] counts = Prevalence.Apportion(diagnoses.Length, Prevalence.Shares(criterion, split));
        var labels = new int[diagnoses.Length];
        HashSet<int> free = [.. Enumerable.Range(0, diagnoses.Length)];

        // The scoring label chooses first, because its correlation with the diagnosis matters most; "absent" receives the rest.
        for (int label = counts.Length - 1; label > 0; label--)
        {
            int cohesionSign = criterion.Labels[label].Score > 0 ? 1 : -1;
            // Weighted sampling without replacement (Efraimidis and Spirakis): the largest u^(1/weight) win.
            int[] chosen = [.. free.Order()
                .Select(i => (Case: i, Weight: Prevalence.Affinity(criterion, label, diagnoses[i]) * Math.Exp(cohesionSign * Cohesion * atypia[i])))
                .Select(entry => (entry.Case, Key: Math.Log(1 - random.Next()) / entry.Weight))
                .OrderByDescending(entry => entry.Key)
                .Take(counts[label])
                .Select(entry => entry.Case)];
            foreach (int i in chosen)
                labels[i] = label;
            free.ExceptWith(chosen);
        }

        return labels;
    }

    private static int[] WithNoise(Taxonomy taxonomy, int[] labels, double labelNoise, int seed)
    {
        Randomness random = Randomness.For(seed, "label noise");
        int[] drawn = [.. labels];
        for (int task = 0; task < drawn.Length; task++)
        {
            if (task != taxonomy.DiagnosisIndex && random.Chance(labelNoise))
                drawn[task] = (drawn[task] + random.Whole(1, taxonomy.Tasks[task].Labels.Count - 1)) % taxonomy.Tasks[task].Labels.Count;
        }

        return drawn;
    }
}
