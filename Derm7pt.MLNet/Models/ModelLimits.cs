using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// Defines the limits of model files. They are far above the sizes of trained models, and low enough that loading any file,
/// even a manipulated one, requires no more than a few gigabytes of memory.
/// </summary>
internal static class ModelLimits
{
    /// <summary>The maximum number of bytes of a file, and of its unpacked content. The default network has 1.5 MB.</summary>
    public const int FileBytes = 512 << 20;

    /// <summary>The maximum number of entries of a zip file.</summary>
    public const int ZipEntries = 65_535;

    /// <summary>The maximum number of members of an ensemble.</summary>
    public const int Members = 64;

    /// <summary>The maximum number of bytes of a history. An epoch of the default network has about 4 kB.</summary>
    public const int HistoryBytes = 64 << 20;

    /// <summary>The maximum number of bytes of any other metadata entry.</summary>
    public const int MetadataBytes = OnnxGraphReader.MaximumMetadataBytes;

    /// <summary>The maximum number of characters of the name of a task, a label or a column.</summary>
    public const int NameLength = 256;

    /// <summary>The maximum number of details of the training.</summary>
    public const int TrainingDetails = 256;

    public const int Tasks = 256;

    public const int Labels = 4_096;
}
