using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>The border of a lesion: a stretched circle with waves in it, in units around the picture's center.</summary>
internal sealed class LesionOutline
{
    /// <summary>No lesion reaches further, so that streaks beyond its border still end inside the central square.</summary>
    private const float LargestRadius = 188;

    /// <summary>The distance from the picture's center that a lesion with streaks must keep to.</summary>
    private const float Room = 248;

    private static readonly int[] BroadWaves = [2, 3, 5];
    private static readonly int[] Ripples = [7, 9, 13];

    private const int Directions = 1024;

    /// <summary>The radius in evenly spaced directions, which is cached because every pixel needs it.</summary>
    private readonly float[] _radii = new float[Directions];

    public LesionOutline(Diagnosis diagnosis, Randomness random)
    {
        (float small, float large, float roundest, float asymmetry, float ripple) = diagnosis switch
        {
            Diagnosis.Melanoma => (150f, 180f, 0.75f, 0.11f, 0.035f),
            Diagnosis.BasalCellCarcinoma => (138f, 168f, 0.85f, 0.05f, 0.015f),
            Diagnosis.SeborrheicKeratosis => (135f, 170f, 0.8f, 0.025f, 0.018f),
            Diagnosis.Miscellaneous => (138f, 165f, 0.9f, 0.02f, 0.005f),
            _ => (138f, 170f, 0.82f, 0.02f, 0.006f),
        };
        float radius = random.Between(small, large);
        float stretch = random.Between(roundest, 1);
        float tilt = random.Angle();
        (int Waves, float Height, float Phase)[] waves =
        [
            .. BroadWaves.Select(n => (n, random.Between(0.5f, 1) * asymmetry * 2 / n, random.Angle())),
            .. Ripples.Select(n => (n, random.Between(0.5f, 1) * ripple, random.Angle())),
        ];
        float play = Math.Min(24, Room - (LargestRadius * 1.22f));
        (Cx, Cy) = (random.Around(play), random.Around(play));
        Radius = radius * (1 + stretch) / 2;
        for (int i = 0; i < Directions; i++)
        {
            float angle = i * MathF.Tau / Directions;
            float along = MathF.Cos(angle - tilt);
            float across = MathF.Sin(angle - tilt) / stretch;
            float factor = 1 + waves.Sum(wave => wave.Height * MathF.Cos((wave.Waves * angle) + wave.Phase));
            _radii[i] = Math.Min(radius * factor / MathF.Sqrt((along * along) + (across * across)), LargestRadius);
        }
    }

    public float Cx { get; }

    public float Cy { get; }

    /// <summary>The typical radius, for sizes that should not follow the border's waves.</summary>
    public float Radius { get; }

    public float RadiusAt(float angle)
    {
        float place = ((angle / MathF.Tau) + 8) * Directions;
        int index = (int)place;
        float from = _radii[index & (Directions - 1)];
        return from + ((place - index) * (_radii[(index + 1) & (Directions - 1)] - from));
    }

    /// <summary>The place in a direction, at a fraction of the way from the center to the border.</summary>
    public SKPoint At(float angle, float fraction)
    {
        float radius = RadiusAt(angle) * fraction;
        return new SKPoint(Cx + (radius * MathF.Cos(angle)), Cy + (radius * MathF.Sin(angle)));
    }

    /// <summary>How far from the center to the border a place lies: 0 at the center, 1 at the border.</summary>
    public float FractionAt(float x, float y) =>
        MathF.Sqrt(((x - Cx) * (x - Cx)) + ((y - Cy) * (y - Cy))) / RadiusAt(MathF.Atan2(y - Cy, x - Cx));

    public SKPath ToPath(float fraction = 1)
    {
        const int Corners = 180;
        var path = new SKPath();
        path.AddPoly([.. Enumerable.Range(0, Corners).Select(i => At(i * MathF.Tau / Corners, fraction))]);
        return path;
    }
}
