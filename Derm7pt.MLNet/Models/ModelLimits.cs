using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// What a model file may ask for. Far above what training makes, and low enough that no file, however it was made,
/// takes more than a few gigabytes of memory.
/// </summary>
internal static class ModelLimits
{
    /// <summary>Bytes of a file, and of what is unpacked from it. The default network has 1.5 MB.</summary>
    public const int FileBytes = 512 << 20;

    /// <summary>Entries of a zip file.</summary>
    public const int ZipEntries = 65_535;

    /// <summary>Members of an ensemble.</summary>
    public const int Members = 64;

    /// <summary>Bytes of a history. An epoch of the default network takes about 4 kB.</summary>
    public const int HistoryBytes = 64 << 20;

    /// <summary>Bytes of any other entry of the metadata.</summary>
    public const int MetadataBytes = OnnxGraphReader.MaximumMetadataBytes;

    /// <summary>Characters of the name of a task, a label or a column.</summary>
    public const int NameLength = 256;

    /// <summary>Entries that say how a model was trained.</summary>
    public const int TrainingDetails = 256;

    public const int Tasks = 256;

    public const int Labels = 4_096;
}
