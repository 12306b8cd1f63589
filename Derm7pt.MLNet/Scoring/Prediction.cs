namespace Derm7pt.MLNet.Scoring;

/// <summary>Represents the output of the graph for one image.</summary>
/// <param name="Scores">For each task the probabilities of its labels.</param>
/// <param name="Labels">For each task the zero-based predicted label.</param>
/// <param name="Derived">The values of the derived columns, by their index.</param>
internal sealed record Prediction(float[][] Scores, int[] Labels, float[] Derived);
