namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the comparison of the seven-point rule on predicted criteria with the network's direct diagnosis.</summary>
/// <remarks>
/// The truth is the diagnosis in the labels; cases without a diagnosis are ignored. If the data have a column
/// <c>StoredSevenPointScore</c>, the rule applied to this score, which the dermatologists determined, is a second reference.
/// </remarks>
public sealed class SevenPointEvaluation
{
    private readonly MelanomaCases _cases;
    private readonly double[] _scores;
    private readonly Taxonomy _taxonomy;

    internal SevenPointEvaluation(MelanomaCases cases, double[] scores, Taxonomy taxonomy)
    {
        (_cases, _scores, _taxonomy) = (cases, scores, taxonomy);
        MaximumScore = new SevenPointRule(0, taxonomy).MaximumScore;
        DirectDiagnosis = BinaryCounts.Count(cases.CalledMelanoma, cases.IsMelanoma);
        int melanomas = cases.IsMelanoma.Count(melanoma => melanoma);
        bool majority = 2 * melanomas > cases.IsMelanoma.Length;
        Baseline = BinaryCounts.Count([.. cases.IsMelanoma.Select(_ => majority)], cases.IsMelanoma);
        Ranking = new BinaryRanking(scores, cases.IsMelanoma);
        Curve = [.. Enumerable.Range(0, MaximumScore + 1).Select(At)];
    }

    /// <summary>The highest score that a case can have.</summary>
    internal int MaximumScore { get; }

    /// <summary>The decisions of the direct diagnosis: a case is called melanoma if its predicted label is melanoma.</summary>
    public BinaryCounts DirectDiagnosis { get; }

    /// <summary>The decisions of a baseline that assigns the majority class to all cases.</summary>
    public BinaryCounts Baseline { get; }

    /// <summary>The ranking of the cases by the score of their predicted criteria: AUROC, average precision and both curves.</summary>
    public BinaryRanking Ranking { get; }

    /// <summary>The comparisons at every threshold: from 0, where all cases are called melanoma, to the highest possible score.</summary>
    public IReadOnlyList<SevenPointComparison> Curve { get; }

    /// <summary>Gets the comparison at one threshold; the usual thresholds are 1 and 3.</summary>
    /// <param name="threshold">The lowest score that is called melanoma; not negative.</param>
    public SevenPointComparison At(int threshold)
    {
        var rule = new SevenPointRule(threshold, _taxonomy);
        bool[] called = Array.ConvertAll(_scores, rule.IsMelanoma);
        var counts = BinaryCounts.Count(called, _cases.IsMelanoma);
        if (_cases.StoredScores is not { } stored)
            return new SevenPointComparison(threshold, counts);

        int[] known = [.. Enumerable.Range(0, stored.Length).Where(i => !double.IsNaN(stored[i]))];
        bool[] byStored = Array.ConvertAll(known, i => rule.IsMelanoma(stored[i]));
        return new SevenPointComparison(threshold, counts)
        {
            StoredRule = BinaryCounts.Count(byStored, Array.ConvertAll(known, i => _cases.IsMelanoma[i])),
            RuleAgainstStored = BinaryCounts.Count(Array.ConvertAll(known, i => called[i]), byStored),
            DirectAgainstStored = BinaryCounts.Count(Array.ConvertAll(known, i => _cases.CalledMelanoma[i]), byStored),
        };
    }
}

/// <summary>Represents the decisions of the seven-point rule at one threshold. Positive means melanoma.</summary>
public sealed class SevenPointComparison
{
    internal SevenPointComparison(int threshold, BinaryCounts rule) => (Threshold, Rule) = (threshold, rule);

    /// <summary>The lowest score that is called melanoma.</summary>
    public int Threshold { get; }

    /// <summary>The decisions of the rule on the predicted criteria, compared with the diagnosis.</summary>
    public BinaryCounts Rule { get; }

    /// <summary>The decisions of the rule on the stored score, compared with the diagnosis; null without stored scores.</summary>
    public BinaryCounts? StoredRule { get; internal init; }

    /// <summary>The decisions of the rule on the predicted criteria, compared with the rule on the stored score; null without stored scores.</summary>
    internal BinaryCounts? RuleAgainstStored { get; init; }

    /// <summary>The decisions of the direct diagnosis, compared with the rule on the stored score; null without stored scores.</summary>
    internal BinaryCounts? DirectAgainstStored { get; init; }
}
