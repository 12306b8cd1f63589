namespace Derm7pt.MLNet.Synthetic;

/// <summary>A color with components from 0 to 255, kept as numbers so that layers add up without rounding.</summary>
internal readonly record struct Tone(float R, float G, float B)
{
    public static Tone operator *(Tone tone, float factor) => new(tone.R * factor, tone.G * factor, tone.B * factor);

    public static Tone operator +(Tone a, Tone b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Tone Mix(Tone a, Tone b, float share) => (a * (1 - share)) + (b * share);

    /// <summary>The same color for another lesion: a little lighter or darker, a little warmer or colder.</summary>
    public Tone Vary(Randomness random, float extent)
    {
        float light = 1 + random.Around(extent);
        float warm = random.Around(extent / 2);
        return new Tone(R * light * (1 + warm), G * light, B * light * (1 - warm));
    }
}
