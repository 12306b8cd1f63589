namespace Derm7pt.MLNet.Evaluation;

/// <summary>Represents the cases with a known diagnosis.</summary>
/// <param name="Rows">The row in the data for each case.</param>
/// <param name="IsMelanoma">For each case, whether it is a melanoma.</param>
/// <param name="CalledMelanoma">For each case, whether the predicted diagnosis is melanoma.</param>
/// <param name="Probabilities">The probability of melanoma for each case.</param>
/// <param name="SevenPointScores">The score of the predicted labels for each case; null if no label has a score.</param>
/// <param name="StoredScores">The stored score for each case, NaN if it is missing; null without such a column.</param>
internal sealed record MelanomaCases(
    int[] Rows, bool[] IsMelanoma, bool[] CalledMelanoma, double[] Probabilities, double[]? SevenPointScores, double[]? StoredScores)
{
    /// <summary>Finds the cases with a known diagnosis; null if the taxonomy has no diagnosis with a melanoma label.</summary>
    public static MelanomaCases? Of(ScoredCases cases)
    {
        if (cases.MelanomaProbability is not { } probabilities)
            return null;
        TaskCases diagnosis = cases.Tasks[cases.Taxonomy.DiagnosisIndex];
        bool[] melanoma = [.. diagnosis.Task.Labels.Select(label => label.IsMelanoma)];
        return new MelanomaCases(
            diagnosis.Rows,
            Array.ConvertAll(diagnosis.Truth, label => melanoma[label]),
            Array.ConvertAll(diagnosis.Predicted, label => melanoma[label]),
            Array.ConvertAll(diagnosis.Rows, row => probabilities[row]),
            cases.SevenPointScore is { } scores ? Array.ConvertAll(diagnosis.Rows, row => scores[row]) : null,
            cases.StoredSevenPointScore is { } stored ? Array.ConvertAll(diagnosis.Rows, row => stored[row]) : null);
    }
}
