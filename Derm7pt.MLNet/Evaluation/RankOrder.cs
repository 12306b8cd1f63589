namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the cases in descending order of score, in groups of equal scores.</summary>
internal sealed class RankOrder
{
    private readonly int[] _order;

    // The index after the last case of each group.
    private readonly int[] _groupEnds;
    private readonly bool[] _positives;

    public RankOrder(IReadOnlyList<double> scores, IReadOnlyList<bool> positives)
    {
        if (scores.Count != positives.Count)
            throw new ArgumentException($"There are {scores.Count} scores for {positives.Count} cases.", nameof(scores));
        if (scores.Any(double.IsNaN))
            throw new ArgumentException("A score is not a number, so the cases have no order.", nameof(scores));

        _positives = [.. positives];
        _order = [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i])];
        bool Ends(int i) => i == _order.Length || scores[_order[i]] != scores[_order[i - 1]];
        _groupEnds = [.. Enumerable.Range(1, scores.Count).Where(Ends)];
        Scores = [.. _groupEnds.Select(end => scores[_order[end - 1]])];
        TruePositives = new int[Scores.Length];
        FalsePositives = new int[Scores.Length];
        int next = 0, positive = 0;
        for (int group = 0; group < Scores.Length; group++)
        {
            for (; next < _groupEnds[group]; next++)
                positive += _positives[_order[next]] ? 1 : 0;
            (TruePositives[group], FalsePositives[group]) = (positive, next - positive);
        }
    }

    /// <summary>The distinct scores, highest first.</summary>
    public double[] Scores { get; }

    /// <summary>For each distinct score, the number of positive cases at or above it.</summary>
    public int[] TruePositives { get; }

    /// <summary>For each distinct score, the number of negative cases at or above it.</summary>
    public int[] FalsePositives { get; }

    /// <summary>Computes the area under the ROC curve if each case occurs as often as its weight; NaN without positive or negative cases.</summary>
    public double Auroc(ReadOnlySpan<int> weights)
    {
        // Counts pairs, where a tie is half a pair. The count is doubled so that it is an integer.
        long doubledPairs = 0, positives = 0, negatives = 0;
        int next = 0;
        foreach (int end in _groupEnds)
        {
            long positivesHere = 0, negativesHere = 0;
            for (; next < end; next++)
            {
                int i = _order[next];
                if (_positives[i])
                    positivesHere += weights[i];
                else
                    negativesHere += weights[i];
            }

            doubledPairs += negativesHere * ((2 * positives) + positivesHere);
            positives += positivesHere;
            negatives += negativesHere;
        }

        return positives == 0 || negatives == 0 ? double.NaN : doubledPairs / (2.0 * positives * negatives);
    }

    /// <summary>Computes the area under the ROC curve; NaN without positive or negative cases.</summary>
    public double Auroc()
    {
        var ones = new int[_order.Length];
        Array.Fill(ones, 1);
        return Auroc(ones);
    }
}
