namespace Derm7pt.MLNet.Reporting.Examples;

/// <summary>Chooses cases to show, with both correct and wrong predictions.</summary>
internal static class ExampleChoice
{
    /// <param name="isRight">For each case, whether its prediction is correct; null if the true label is unknown.</param>
    /// <param name="count">The maximum number of cases to choose.</param>
    /// <param name="seed">The seed of the choice.</param>
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
