using Derm7pt.MLNet.Base;
using Microsoft.ML;

namespace Derm7pt.MLNet;

/// <summary>
/// A Derm7pt release as data views: the three splits and all cases, every view with the same columns. Images are not
/// read; the views hold their paths.
/// </summary>
/// <remarks>
/// <para>The views hold their rows in memory, may be read by any number of threads, can be shuffled and split into
/// parallel cursors, so that a stage after them (one that decodes images, for example) runs on several cores.</para>
/// <para>The file <c>data-schema/release.json</c> describes the files and columns of a release.</para>
/// <list type="table">
/// <listheader><term>Columns</term><description>Content</description></listheader>
/// <item><term><c>ImagePath</c></term><description>Text: the full path of the dermoscopic image.</description></item>
/// <item><term><c>ClinicalImagePath</c></term><description>Text: the full path of the clinical image.</description></item>
/// <item><term><c>CaseNumber</c></term><description>Text, since it is a name and no quantity: the case's number as the
/// release writes it.</description></item>
/// <item><term>a task's name, for example <c>PigmentNetwork</c></term><description>Key of type <see cref="uint"/>: the label.
/// Its key values are the names of all the task's labels in taxonomy order, whether or not they occur.</description></item>
/// <item><term>a task's name and <c>Raw</c>, for example <c>PigmentNetworkRaw</c></term><description>Text: the value before
/// it was grouped.</description></item>
/// <item><term><c>StoredSevenPointScore</c></term><description><see cref="float"/>: the score that the release stores. It
/// need not be the sum of the labels' scores.</description></item>
/// <item><term><c>DiagnosticDifficulty</c>, <c>Elevation</c>, <c>Location</c>, <c>Sex</c>, <c>Management</c>,
/// <c>CaseId</c>, <c>Notes</c></term><description>Text: the metadata, empty if the release has none.</description></item>
/// </list>
/// </remarks>
public sealed class Derm7ptRelease
{
    internal Derm7ptRelease(
        string folder,
        Taxonomy taxonomy,
        (IDataView All, IDataView Train, IDataView Validation, IDataView Test) views,
        IReadOnlyList<Derm7ptLabelCount> labelCounts,
        IReadOnlyList<Derm7ptReleaseProblem> warnings)
    {
        (Folder, Taxonomy, LabelCounts, Warnings) = (folder, taxonomy, labelCounts, warnings);
        (All, Train, Validation, Test) = views;
    }

    /// <summary>The full path of the release's folder.</summary>
    public string Folder { get; }

    /// <summary>The tasks and labels that the label columns follow.</summary>
    public Taxonomy Taxonomy { get; }

    /// <summary>The training split, in the order of its index file.</summary>
    public IDataView Train { get; }

    /// <summary>The validation split, in the order of its index file.</summary>
    public IDataView Validation { get; }

    /// <summary>The test split, in the order of its index file.</summary>
    public IDataView Test { get; }

    /// <summary>All cases in the order of the release's table, those in no split included.</summary>
    public IDataView All { get; }

    /// <summary>The number of cases with each label in each split, by task in taxonomy order.</summary>
    public IReadOnlyList<Derm7ptLabelCount> LabelCounts { get; }

    /// <summary>
    /// The problems that do not prevent the release from being read. First, cases that share a picture (one file, or files with the
    /// same bytes) or, across splits, a <c>case_id</c>: where they are in two splits, results on one are too good (leakage). Then
    /// files found under another letter case, stored scores that differ from the sum of the labels' scores, empty metadata, cases
    /// in no split, splits without a case.
    /// </summary>
    public IReadOnlyList<Derm7ptReleaseProblem> Warnings { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{All.GetRowCount()} cases: {Train.GetRowCount()} train, {Validation.GetRowCount()} validation, "
        + $"{Test.GetRowCount()} test";

    /// <summary>Represents the options for reading a release.</summary>
    public sealed class Options
    {
        /// <summary>
        /// The tasks and labels to read; <see langword="null"/> stands for <see cref="Taxonomy.Derm7pt"/>. Each of its tasks
        /// must read a label or metadata column of the release.
        /// </summary>
        public Taxonomy? Taxonomy { get; init; }

        /// <summary>
        /// The number of problems that are described when a release cannot be read, and the number of cases with a shared picture
        /// or <c>case_id</c> among the <see cref="Warnings"/>; the rest are only counted.
        /// </summary>
        public int ReportAtMost { get; init; } = 50;

        /// <summary>
        /// Whether every image file must exist. Where <see langword="false"/>, image paths are made from the table alone,
        /// their letter case is as the table writes it, and shared pictures are found by their names only.
        /// </summary>
        public bool CheckImages { get; init; } = true;

        internal IEnumerable<string> Problems() => OptionCheck.Positive(ReportAtMost);
    }
}
