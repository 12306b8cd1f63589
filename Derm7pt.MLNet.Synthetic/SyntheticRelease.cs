using System.Globalization;
using System.Runtime.ExceptionServices;
using CsvHelper;
using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>
/// Writes releases in the layout of the Derm7pt release with drawn pictures and invented patients, so that everything
/// can be developed, tested and shown without the real one, which may not be redistributed.
/// </summary>
public static class SyntheticRelease
{
    private const string Notice = """
        SYNTHETIC DATA - NO PATIENTS

        This folder has the layout of the Derm7pt release, but everything in it was made by a program: the pictures
        were drawn from geometry and noise, and the table was drawn by lot. It contains no photograph, no picture
        derived from one, and no data of any patient. Only how often each label occurs follows the published counts
        of the real release.

        It serves to develop and test software. Nothing measured on it says anything about skin lesions.

        """;

    /// <summary>Writes a release. Nothing appears at the folder's place until everything is written.</summary>
    /// <param name="folder">The folder, which must not exist or must be empty.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Receives the number of finished cases.</param>
    /// <param name="ct">Cancels the operation; no incomplete output remains.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message names everything that is not.</exception>
    /// <exception cref="IOException">The folder exists and is not empty, or a file of that name exists.</exception>
    public static SyntheticReleaseSummary Write(
        string folder,
        SyntheticReleaseOptions? options = null,
        IProgress<int>? progress = null,
        CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        options ??= new SyntheticReleaseOptions();
        options.Validate();
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Refuse(target);
        ct.ThrowIfCancellationRequested();

        SyntheticCase[] cases = CaseSampler.Draw(options);
        ReleaseLayout layout = ReleaseLayout.Read();
        // A sibling, so that the move at the end stays on one volume.
        string partial = $"{target}.partial-{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(partial);
            TableRow[] rows = [.. cases.Select(own => new TableRow(own))];
            WriteTable(Path.Combine(partial, layout.MetaFile), layout, rows);
            for (int split = 0; split < layout.Splits.Count; split++)
                WriteSplit(partial, layout.Splits[split], cases.Where(own => own.Split == split));
            File.WriteAllText(Path.Combine(partial, "README.txt"), Notice.ReplaceLineEndings("\n"));
            WritePictures(Path.Combine(partial, layout.ImagesFolder), cases, rows, options, progress, ct);

            // The folder is checked again, because it may have been filled meanwhile. An empty folder is deleted before the move.
            Refuse(target);
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(partial, target);
        }
        catch
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
            throw;
        }

        return new SyntheticReleaseSummary(target, cases.Length, 2 * cases.Length, Summarize(cases, layout));
    }

    /// <summary>
    /// Draws the dermoscopic picture of one row of a release again, with masks of what was drawn. Before JPEG
    /// compression, the picture equals the one that <see cref="Write"/> saves for the row.
    /// </summary>
    /// <param name="options">The options that the release was written with.</param>
    /// <param name="row">The zero-based row of the table.</param>
    public static RenderedLesion Render(SyntheticReleaseOptions options, int row)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, options.Cases);
        SyntheticCase own = CaseSampler.Draw(options)[row];
        return SyntheticLesion.Render(own.DrawnLabels, own.Seed, options.Width, options.Height);
    }

    private static void Refuse(string target)
    {
        if (File.Exists(target))
            throw new IOException($"'{target}' is a file; a release needs a folder of its own.");
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new IOException($"The folder '{target}' is not empty; a release is only written to a new or an empty folder.");
    }

    private static void WriteTable(string path, ReleaseLayout layout, TableRow[] rows)
    {
        using CsvWriter csv = OpenCsv(path);
        csv.WriteRecord([.. layout.Columns]);
        foreach (TableRow row in rows)
            csv.WriteRecord([.. layout.Columns.Select(column => row[column])]);
    }

    private static void WriteSplit(string root, SplitFile split, IEnumerable<SyntheticCase> cases)
    {
        using CsvWriter csv = OpenCsv(Path.Combine(root, split.File));
        csv.WriteRecord([split.Column]);
        foreach (SyntheticCase own in cases)
            csv.WriteRecord([own.Row.ToString(CultureInfo.InvariantCulture)]);
    }

    private static CsvWriter OpenCsv(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // One line ending everywhere: the same release must not depend on the system that wrote it.
        return CsvWriter.ToFile(path, new CsvWriterOptions { NewLine = "\n" });
    }

    private static void WritePictures(
        string folder,
        SyntheticCase[] cases,
        TableRow[] rows,
        SyntheticReleaseOptions options,
        IProgress<int>? progress,
        CancellationToken ct)
    {
        foreach (string subfolder in rows.Select(row => Path.GetDirectoryName(row.DermOnDisk)!).Distinct())
            Directory.CreateDirectory(Path.Combine(folder, subfolder));

        int finished = 0;
        try
        {
            Parallel.ForEach(cases, new ParallelOptions { CancellationToken = ct }, own =>
            {
                (SKBitmap derm, _) = LesionPainter.Paint(own.DrawnLabels, own.Seed, options.Width, options.Height, keepMasks: false);
                Save(derm, rows[own.Row].DermOnDisk);
                Save(ClinicalPicture.Paint(own.Labels, own.Seed, options.Width, options.Height), rows[own.Row].ClinicOnDisk);
                progress?.Report(Interlocked.Increment(ref finished));
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.Count == 1)
        {
            // The inner exception is thrown, so that the message describes the failure, for example a full disk.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        void Save(SKBitmap bitmap, string name)
        {
            using (bitmap)
                File.WriteAllBytes(Path.Combine(folder, name), RenderedLesion.Encode(bitmap, SKEncodedImageFormat.Jpeg, options.JpegQuality));
        }
    }

    private static List<SyntheticSplitSummary> Summarize(SyntheticCase[] cases, ReleaseLayout layout) =>
    [
        .. layout.Splits.Select((file, split) =>
        {
            SyntheticCase[] own = [.. cases.Where(c => c.Split == split)];
            IReadOnlyList<IReadOnlyList<int>> counts =
            [
                .. Taxonomy.Derm7pt.Tasks.Select((task, index) =>
                    (IReadOnlyList<int>)[.. Enumerable.Range(0, task.Labels.Count).Select(label => own.Count(c => c.Labels[index] == label))]),
            ];
            return new SyntheticSplitSummary(file.Name, own.Length, counts);
        }),
    ];
}
