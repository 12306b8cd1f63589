namespace Derm7pt.MLNet.Base;

/// <summary>
/// Derives independent seeds from one seed. A derived seed depends on (seed, purpose, epoch, batch) only,
/// so that any epoch can be repeated without the epochs before it.
/// </summary>
internal static class SeedSequence
{
    /// <summary>Specifies the purpose of a derived seed; different purposes have different streams.</summary>
    public enum Purpose
    {
        Weights = 1,
        Sampling,
        Augmentation,
        Dropout,
        ValidationSplit,
        Bootstrap,
        Framing,
        Tone,
        Mixup,
        View,
        Folds,
    }

    public static Random Random(int seed, Purpose purpose, int epoch = 0, int batch = 0) => new(Derive(seed, purpose, epoch, batch));

    /// <summary>Mixes the numbers with the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).</summary>
    public static int Derive(int seed, Purpose purpose, int epoch = 0, int batch = 0)
    {
        ulong state = (uint)seed;
        foreach (int part in (ReadOnlySpan<int>)[(int)purpose, epoch, batch])
            state = Mix((state + 0x9E3779B97F4A7C15UL) ^ ((ulong)(uint)part << 17));
        return (int)(state >> 33);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
