namespace Derm7pt.MLNet.Reporting.Examples;

/// <summary>Chooses cases to show, right and wrong ones alike: a page of successes would tell little.</summary>
internal static class ExampleChoice
{
    /// <param name="isRight">For each case whether its prediction is right; null if the truth is not known.</param>
    /// <param name="count">How many to choose; fewer where there are fewer.</param>
    /// <param name="seed">Decides which.</param>
    /// <returns>The rows, in order.</returns>
    public static IReadOnlyList<int> Choose(IReadOnlyList<bool?> isRight, int count, int seed)
    {
        int[] shuffled = [.. Enumerable.Range(0, isRight.Count)];
        new Random(seed).Shuffle(shuffled);
        int[] wrong = [.. shuffled.Where(row => isRight[row] == false)];
        int[] right = [.. shuffled.Where(row => isRight[row] == true)];
        int[] unknown = [.. shuffled.Where(row => isRight[row] is null)];

        int fromWrong = Math.Min(wrong.Length, Math.Max(count / 2, count - right.Length));
        int fromRight = Math.Min(right.Length, count - fromWrong);
        return [.. wrong.Take(fromWrong).Concat(right.Take(fromRight)).Concat(unknown).Take(count).Order()];
    }
}
