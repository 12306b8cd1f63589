using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>The border of a lesion: a stretched circle with waves in it, in units around the picture's centre.</summary>
internal sealed class LesionOutline
{
    /// <summary>No lesion reaches further, so that streaks beyond its border still end inside the central square.</summary>
    private const float LargestRadius = 188;

    /// <summary>The distance from the picture's centre that a lesion with streaks must keep to.</summary>
    private const float Room = 248;

    private static readonly int[] BroadWaves = [2, 3, 5];
    private static readonly int[] Ripples = [7, 9, 13];

    private readonly (int Waves, float Height, float Phase)[] _waves;
    private readonly float _radius;
    private readonly float _stretch;
    private readonly float _tilt;

    public LesionOutline(Diagnosis diagnosis, Randomness random)
    {
        (float small, float large, float roundest, float asymmetry, float ripple) = diagnosis switch
        {
            Diagnosis.Melanoma => (150f, 180f, 0.75f, 0.11f, 0.035f),
            Diagnosis.BasalCellCarcinoma => (130f, 165f, 0.85f, 0.05f, 0.015f),
            Diagnosis.SeborrheicKeratosis => (135f, 170f, 0.8f, 0.025f, 0.018f),
            Diagnosis.Miscellaneous => (130f, 160f, 0.9f, 0.02f, 0.005f),
            _ => (130f, 165f, 0.82f, 0.02f, 0.006f),
        };
        _radius = random.Between(small, large);
        _stretch = random.Between(roundest, 1);
        _tilt = random.Angle();
        _waves =
        [
            .. BroadWaves.Select(waves => (waves, random.Between(0.5f, 1) * asymmetry * 2 / waves, random.Angle())),
            .. Ripples.Select(waves => (waves, random.Between(0.5f, 1) * ripple, random.Angle())),
        ];
        float play = Math.Min(24, Room - (LargestRadius * 1.22f));
        (Cx, Cy) = (random.Around(play), random.Around(play));
    }

    public float Cx { get; }

    public float Cy { get; }

    /// <summary>The typical radius, for sizes that should not follow the border's waves.</summary>
    public float Radius => _radius * (1 + _stretch) / 2;

    public float RadiusAt(float angle)
    {
        float along = MathF.Cos(angle - _tilt);
        float across = MathF.Sin(angle - _tilt) / _stretch;
        float radius = _radius / MathF.Sqrt((along * along) + (across * across));
        float factor = 1;
        foreach ((int waves, float height, float phase) in _waves)
            factor += height * MathF.Cos((waves * angle) + phase);
        return Math.Min(radius * factor, LargestRadius);
    }

    /// <summary>The place in a direction, at a fraction of the way from the centre to the border.</summary>
    public SKPoint At(float angle, float fraction)
    {
        float radius = RadiusAt(angle) * fraction;
        return new SKPoint(Cx + (radius * MathF.Cos(angle)), Cy + (radius * MathF.Sin(angle)));
    }

    /// <summary>How far from the centre to the border a place lies: 0 at the centre, 1 at the border.</summary>
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
