using System.Numerics.Tensors;

namespace Derm7pt.MLNet.Scoring;

/// <summary>What the network says of one image, and what follows from it.</summary>
/// <param name="Taxonomy">The tasks.</param>
/// <param name="Scores">For each task the probabilities of its labels.</param>
internal sealed record Prediction(Taxonomy Taxonomy, float[][] Scores)
{
    /// <summary>The zero-based predicted label of a task: the first one of the highest probability.</summary>
    public int Label(int task) => TensorPrimitives.IndexOfMax(Scores[task]);

    /// <summary>The sum of the scores of the predicted labels.</summary>
    public float SevenPointScore()
    {
        Span<int> labels = stackalloc int[Scores.Length];
        for (int task = 0; task < labels.Length; task++)
            labels[task] = Label(task);
        return Taxonomy.SevenPointScore(labels);
    }

    /// <summary>The probability of the diagnosis' labels that mean melanoma.</summary>
    public float MelanomaProbability()
    {
        int diagnosis = Taxonomy.DiagnosisIndex;
        IReadOnlyList<TaskLabel> labels = Taxonomy.Tasks[diagnosis].Labels;
        float sum = 0;
        for (int label = 0; label < labels.Count; label++)
        {
            if (labels[label].IsMelanoma)
                sum += Scores[diagnosis][label];
        }

        return sum;
    }
}
