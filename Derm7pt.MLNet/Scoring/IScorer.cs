namespace Derm7pt.MLNet.Scoring;

/// <summary>Runs the network on batches of pixels. Safe for use by several threads at once.</summary>
internal interface IScorer : IDisposable
{
    /// <param name="pixels">[count, 3, H, W] in [0, 1], RGB, planar.</param>
    /// <param name="count">The number of images; what lies behind them in <paramref name="pixels"/> is not read.</param>
    /// <returns>For each image the prediction.</returns>
    Prediction[] Score(float[] pixels, int count);
}
