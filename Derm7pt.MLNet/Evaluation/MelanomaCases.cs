namespace Derm7pt.MLNet.Evaluation;

/// <summary>The cases whose diagnosis is known.</summary>
/// <param name="Rows">For each case its row in the data.</param>
/// <param name="IsMelanoma">For each case whether it is a melanoma.</param>
/// <param name="CalledMelanoma">For each case whether the predicted diagnosis is melanoma.</param>
/// <param name="Probabilities">For each case the probability of melanoma.</param>
/// <param name="SevenPointScores">For each case the score of the predicted labels; null if no label has a score.</param>
/// <param name="StoredScores">For each case the stored score, NaN if there is none; null without such a column.</param>
internal sealed record MelanomaCases(
    int[] Rows, bool[] IsMelanoma, bool[] CalledMelanoma, double[] Probabilities, double[]? SevenPointScores, double[]? StoredScores)
{
    /// <summary>Finds them; null if the taxonomy has no diagnosis with a melanoma label.</summary>
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
