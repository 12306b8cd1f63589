using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Scoring;

namespace Derm7pt.MLNet.Interpretation;

/// <summary>
/// Computes occlusion maps (Zeiler and Fergus, ECCV 2014), which show how much a label's probability decreases when a part of the
/// image is covered. They require only the scores of the network and are therefore an independent check of <see cref="GradCam"/>.
/// </summary>
internal static class Occlusion
{
    private const int BatchSize = 32;

    /// <summary>Computes the map by covering squares of the image, one at a time, with its mean color.</summary>
    /// <param name="scorer">The scorer of the covered images.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="pixels">[3, height, width], RGB in [0, 1].</param>
    /// <param name="height">The height of the image in pixels.</param>
    /// <param name="width">The width of the image in pixels.</param>
    /// <param name="taskIndex">The zero-based task.</param>
    /// <param name="label">The zero-based label; the predicted one if null.</param>
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
        return new SaliencyMap(height, width, fall, taxonomy.Tasks[taskIndex], labelIndex);
    }

    /// <summary>Lists the positions of the squares: one per <paramref name="stride"/> pixels, and one at the end, so that all pixels are covered.</summary>
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
