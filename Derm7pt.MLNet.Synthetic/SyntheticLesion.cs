namespace Derm7pt.MLNet.Synthetic;

/// <summary>Draws dermoscopic pictures of invented lesions whose criteria are known, because they were drawn.</summary>
/// <remarks>
/// The pictures are made from geometry and noise alone; no photograph is involved. Everything that depends on a label is
/// within the picture's central square.
/// </remarks>
public static class SyntheticLesion
{
    /// <summary>The smallest width and height of a picture in pixels.</summary>
    public const int SmallestSide = 32;

    /// <summary>The largest width and height of a picture in pixels.</summary>
    public const int LargestSide = 4096;

    private static readonly Dictionary<string, int> TaskIndexes =
        Taxonomy.Derm7pt.Tasks.Select((task, index) => (task.Name, index)).ToDictionary(entry => entry.Name, entry => entry.index);

    /// <summary>Draws one lesion.</summary>
    /// <param name="labels">The zero-based label of each task of <see cref="Taxonomy.Derm7pt"/>, in task order.</param>
    /// <param name="seed">The seed: two pictures with one seed and one different criterion differ in that criterion only.</param>
    /// <param name="width">The picture's width in pixels.</param>
    /// <param name="height">The picture's height in pixels.</param>
    /// <exception cref="ArgumentException">Labels or size are out of range; the message names everything that is.</exception>
    public static RenderedLesion Render(IReadOnlyList<int> labels, int seed, int width = 768, int height = 512)
    {
        ArgumentNullException.ThrowIfNull(labels);
        IReadOnlyList<ClassificationTask> tasks = Taxonomy.Derm7pt.Tasks;
        var errors = new List<string>();
        if (labels.Count != tasks.Count)
        {
            errors.Add($"Expected {tasks.Count} labels, one per task; got {labels.Count}.");
        }
        else
        {
            errors.AddRange(tasks
                .Where((task, index) => labels[index] < 0 || labels[index] >= task.Labels.Count)
                .Select(task => Invariant($"The label of task '{task.Name}' must lie between 0 and {task.Labels.Count - 1}, got {labels[TaskIndexes[task.Name]]}.")));
        }

        AddSizeErrors(width, height, errors);
        if (errors.Count > 0)
            throw new ArgumentException("The lesion cannot be drawn. " + string.Join(' ', errors));

        (SkiaSharp.SKBitmap bitmap, byte[][]? masks) = LesionPainter.Paint(labels, seed, width, height, keepMasks: true);
        using (bitmap)
            return new RenderedLesion(bitmap, masks!, labels, [.. tasks.Select((task, index) => Prevalence.RawValue(task, labels[index], seed))]);
    }

    internal static int TaskIndex(string taskName) =>
        TaskIndexes.TryGetValue(taskName, out int index)
            ? index
            : throw new ArgumentException(
                $"There is no task '{taskName}'; the tasks are {string.Join(", ", TaskIndexes.Keys)}.", nameof(taskName));

    internal static void AddSizeErrors(int width, int height, List<string> errors)
    {
        foreach ((string name, int value) in new[] { ("Width", width), ("Height", height) })
        {
            if (value is < SmallestSide or > LargestSide)
                errors.Add(Invariant($"{name} must lie between {SmallestSide} and {LargestSide}, got {value}."));
        }
    }
}
