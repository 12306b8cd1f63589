namespace Derm7pt.MLNet.Synthetic;

/// <summary>
/// Represents a random number generator (SplitMix64). Releases must remain byte-identical if System.Random changes, and
/// every drawn structure needs a stream that does not move when another structure draws more or fewer numbers.
/// </summary>
internal sealed class Randomness
{
    private ulong _state;

    private Randomness(ulong state) => _state = state;

    /// <summary>An independent stream for a seed and the name of what it is for.</summary>
    public static Randomness For(int seed, string purpose)
    {
        // FNV-1a: string.GetHashCode differs from process to process.
        ulong hash = 14695981039346656037;
        foreach (char c in purpose)
            hash = (hash ^ c) * 1099511628211;
        return new Randomness(Mix(hash ^ Mix(unchecked((ulong)seed) + 0x9E3779B97F4A7C15)));
    }

    public ulong NextBits() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, 1).</summary>
    public float Next() => (NextBits() >> 40) * (1f / (1 << 24));

    public float Between(float low, float high) => low + ((high - low) * Next());

    /// <summary>Uniform around zero, at most <paramref name="extent"/> away from it.</summary>
    public float Around(float extent) => Between(-extent, extent);

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Whole(int low, int high) => low + (int)(NextBits() % (ulong)(high - low + 1));

    public bool Chance(double probability) => Next() < probability;

    public double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - Next())) * Math.Cos(2 * Math.PI * Next());

    public float Angle() => Next() * MathF.Tau;

    public T Pick<T>(IReadOnlyList<T> items) => items[Whole(0, items.Count - 1)];

    public void Shuffle<T>(T[] items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = Whole(0, last);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
