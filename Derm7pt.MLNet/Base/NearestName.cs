namespace Derm7pt.MLNet.Base;

/// <summary>Finds the most probable intended name for a misspelled name.</summary>
internal static class NearestName
{
    /// <summary>Finds the candidate with the smallest edit distance, or null if all distances are too large.</summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        (string? nearest, int edits) = candidates
            .Select(candidate => ((string?)candidate, Edits(name, candidate)))
            .DefaultIfEmpty((null, int.MaxValue))
            .MinBy(pair => pair.Item2);
        // More than about one edit in three letters indicates a different word.
        return edits <= Math.Max(2, name.Length / 3) ? nearest : null;
    }

    // Computes the Levenshtein distance, ignoring letter case.
    private static int Edits(string from, string to)
    {
        int[] previous = [.. Enumerable.Range(0, to.Length + 1)];
        var current = new int[to.Length + 1];
        for (int i = 1; i <= from.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int substitution = char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(previous[j], current[j - 1]) + 1, previous[j - 1] + substitution);
            }

            (previous, current) = (current, previous);
        }

        return previous[to.Length];
    }
}
