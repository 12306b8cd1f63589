using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Scoring;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>
/// Occlusion (Zeiler and Fergus, ECCV 2014): how far a label's probability falls when a part of the image is covered. It asks
/// nothing of the network but its scores, which makes it a check of <see cref="GradCam"/> that shares no code with it.
/// </summary>
internal static class Occlusion
{
    private const int BatchSize = 32;

    /// <summary>Covers one square after the other with the image's mean colour.</summary>
    /// <param name="scorer">Scores images.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="pixels">[3, height, width], RGB in [0, 1].</param>
    /// <param name="height">Image height in pixels.</param>
    /// <param name="width">Image width in pixels.</param>
    /// <param name="taskIndex">The task.</param>
    /// <param name="label">The zero-based label; the predicted one where null.</param>
    /// <param name="patch">The side of the square, in pixels.</param>
    /// <param name="stride">The distance between squares, in pixels.</param>
    public static SaliencyMap Explain(
        IScorer scorer, Taxonomy taxonomy, ReadOnlySpan<float> pixels, int height, int width, int taskIndex, int? label, int patch, int stride)
    {
        float[] image = pixels.ToArray();
        Prediction whole = scorer.Score(image, 1)[0];
        int labelIndex = label ?? whole.Labels[taskIndex];
        float probability = whole.Scores[taskIndex][labelIndex];
        float[] mean = [.. Enumerable.Range(0, PixelColumn.Channels).Select(c => image.Skip(c * height * width).Take(height * width).Average())];

        (int Top, int Left)[] squares = [.. from top in Starts(height, patch, stride) from left in Starts(width, patch, stride) select (top, left)];
        var fall = new float[height * width];
        var covers = new int[height * width];
        var batch = new float[BatchSize * image.Length];
        foreach ((int Top, int Left)[] some in squares.Chunk(BatchSize))
        {
            for (int i = 0; i < some.Length; i++)
                Cover(image, batch.AsSpan(i * image.Length, image.Length), some[i], mean, height, width, patch);
            Prediction[] predictions = scorer.Score(batch, some.Length);
            for (int i = 0; i < some.Length; i++)
            {
                foreach (int position in Square(some[i], height, width, patch))
                {
                    fall[position] += probability - predictions[i].Scores[taskIndex][labelIndex];
                    covers[position]++;
                }
            }
        }

        for (int i = 0; i < fall.Length; i++)
            fall[i] /= Math.Max(1, covers[i]);
        return new SaliencyMap(height, width, fall, taxonomy.Tasks[taskIndex], labelIndex) { Source = "occlusion" };
    }

    /// <summary>Every <paramref name="stride"/> pixels, and one at the far end so that nothing stays uncovered.</summary>
    private static IEnumerable<int> Starts(int extent, int patch, int stride)
    {
        int last = Math.Max(0, extent - patch);
        for (int start = 0; start < last; start += stride)
            yield return start;
        yield return last;
    }

    private static IEnumerable<int> Square((int Top, int Left) square, int height, int width, int patch)
    {
        for (int y = square.Top; y < Math.Min(height, square.Top + patch); y++)
        {
            for (int x = square.Left; x < Math.Min(width, square.Left + patch); x++)
                yield return (y * width) + x;
        }
    }

    private static void Cover(
        float[] image, Span<float> covered, (int Top, int Left) square, float[] mean, int height, int width, int patch)
    {
        image.CopyTo(covered);
        foreach (int position in Square(square, height, width, patch))
        {
            for (int channel = 0; channel < mean.Length; channel++)
                covered[(channel * height * width) + position] = mean[channel];
        }
    }
}
