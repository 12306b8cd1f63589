namespace Derm7pt.MLNet.Persistence;

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

    /// <summary>Bytes of the history. An epoch of the default network takes about 4 kB.</summary>
    public const int HistoryBytes = 64 << 20;

    /// <summary>Bytes of any other entry of the metadata.</summary>
    public const int MetadataBytes = 1 << 20;

    /// <summary>Constants of the graph.</summary>
    public const int Tensors = 16_384;

    /// <summary>Dimensions of a tensor.</summary>
    public const int Dimensions = 8;

    /// <summary>Characters of the name of a task, a label or a column.</summary>
    public const int NameLength = 256;

    /// <summary>Entries that say how a model was trained.</summary>
    public const int TrainingOptions = 256;

    public const int Tasks = 256;

    public const int Labels = 4_096;

    public const int Blocks = 16;

    public const int Filters = 16_384;

    /// <summary>Gates of all blocks together; each has a name in the file.</summary>
    public const int Gates = 1 << 18;

    /// <summary>Height and width of an image.</summary>
    public const int ImageExtent = 8_192;

    /// <summary>
    /// What <see cref="Network.ActivationBound"/> may say. Single precision ends at 3.4e38, and the pooling sums over up
    /// to 2^24 positions; trained networks stay below 1e20.
    /// </summary>
    public const double Activation = 1e28;
}
