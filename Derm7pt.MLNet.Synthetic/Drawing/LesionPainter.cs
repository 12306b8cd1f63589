using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>
/// Draws one lesion according to its labels and records, for every task, the area of the task's structure.
/// </summary>
/// <remarks>
/// Every structure has a separate random stream, so two pictures with one seed and one different criterion differ
/// in that criterion only. Structures are large and change color or texture over an area: they must survive scaling
/// to 128 pixels, where a single line of the original is not visible.
/// </remarks>
internal sealed partial class LesionPainter : IDisposable
{
    /// <summary>From this coverage on (of 255) a pixel counts as part of a structure.</summary>
    private const byte Drawn = 56;

    private static readonly int[] PatchWaves = [2, 3, 5, 8];

    private readonly IReadOnlyList<int> _labels;
    private readonly int _seed;
    private readonly Diagnosis _diagnosis;
    private readonly Picture _picture;
    private readonly Stencil _stencil;
    private readonly LesionOutline _outline;
    private readonly byte[] _body;
    private readonly byte[][]? _masks;
    private readonly float _direction;
    private readonly float _clarity;

    private LesionPainter(IReadOnlyList<int> labels, int seed, int width, int height, bool keepMasks)
    {
        (_labels, _seed) = (labels, seed);
        _diagnosis = (Diagnosis)labels[Taxonomy.Derm7pt.DiagnosisIndex];
        _picture = new Picture(width, height);
        _stencil = new Stencil(_picture.Side);
        _outline = new LesionOutline(_diagnosis, Stream("outline"));
        _direction = Stream("direction").Angle();
        // Some lesions show their structures plainly, some faintly.
        _clarity = Stream("clarity").Between(0.68f, 1);
        _body = DrawBody();
        _masks = keepMasks ? [.. labels.Select(_ => new byte[width * height])] : null;
    }

    /// <summary>Draws the lesion; the masks (one byte per pixel, 1 where drawn) are drawn only on request.</summary>
    public static (SKBitmap Bitmap, byte[][]? Masks) Paint(
        IReadOnlyList<int> labels, int seed, int width, int height, bool keepMasks)
    {
        using var painter = new LesionPainter(labels, seed, width, height, keepMasks);
        return (painter.Paint(), painter._masks);
    }

    public void Dispose() => _stencil.Dispose();

    private SKBitmap Paint()
    {
        Randomness random = Stream("skin");
        Skin.Paint(_picture, Skin.DrawTone(random), random);

        // From the depth of the skin upward: pigment, then what veils it, then what lies on top.
        PaintBody();
        PaintPigmentation(LabelOf("Pigmentation"));
        PaintNetwork(LabelOf("PigmentNetwork"));
        PaintRegression(LabelOf("RegressionStructures"));
        PaintVeil(LabelOf("BlueWhitishVeil"));
        PaintDiagnosis();
        PaintDots(LabelOf("DotsAndGlobules"));
        PaintStreaks(LabelOf("Streaks"));
        PaintVessels(LabelOf("VascularStructures"));

        Randomness camera = Stream("camera");
        SKBitmap bitmap = _picture.ToBitmap(
            camera,
            noise: camera.Between(2, 6),
            vignette: camera.Chance(0.5) ? camera.Between(0.1f, 0.5f) : 0,
            slant: camera.Between(0, 0.12f));
        Skin.Overlay(bitmap, Stream("overlay"));
        return bitmap;
    }

    private Randomness Stream(string purpose) => Randomness.For(_seed, purpose);

    private int LabelOf(string task) => _labels[SyntheticLesion.TaskIndex(task)];

    private string RawValueOf(string task)
    {
        int index = SyntheticLesion.TaskIndex(task);
        return Prevalence.RawValue(Taxonomy.Derm7pt.Tasks[index], _labels[index], _seed);
    }

    /// <summary>A direction from the lesion's center: structures have separate sectors, so that few hide each other.</summary>
    private float Sector(float turn, Randomness random) => _direction + (turn * MathF.Tau) + random.Around(0.25f);

    /// <summary>Adds the stencil to a task's mask.</summary>
    private void Mark(string task)
    {
        if (_masks is null)
            return;
        byte[] mask = _masks[SyntheticLesion.TaskIndex(task)];
        for (int y = 0; y < _picture.Side; y++)
        {
            ReadOnlySpan<byte> coverage = _stencil.Row(y);
            Span<byte> row = mask.AsSpan(((y + _picture.Top) * _picture.Width) + _picture.Left, _picture.Side);
            for (int x = 0; x < coverage.Length; x++)
            {
                if (coverage[x] >= Drawn)
                    row[x] = 1;
            }
        }
    }

    /// <summary>Starts a separate structure.</summary>
    private SKCanvas Begin()
    {
        _stencil.Clear();
        return _stencil.Canvas;
    }

    /// <summary>Ends a structure that must stay inside the lesion.</summary>
    private void ClipToBody() => _stencil.ClipTo(_body);

    /// <summary>Covers what the stencil holds with a color, as clearly as this lesion shows things.</summary>
    private void Cover(Tone tone, float opacity) => _picture.Blend(_stencil, tone, opacity * _clarity);

    private void Cover(Func<float, float, Tone> tone, float opacity) => _picture.Blend(_stencil, tone, opacity * _clarity);

    /// <summary>Darkens what the stencil holds by a factor for every color component.</summary>
    private void Darken(Tone factor) => _picture.Shade(_stencil, factor, _clarity);

    /// <summary>A patch with a soft, uneven border.</summary>
    private static void DrawPatch(SKCanvas canvas, SKPoint centre, float radius, Randomness random, float unevenness = 0.2f, float blur = 4)
    {
        const int Corners = 48;
        (int Waves, float Height, float Phase)[] waves =
            [.. PatchWaves.Select(n => (n, random.Between(0.3f, 1) * unevenness * 2 / (n + 1), random.Angle()))];
        var points = new SKPoint[Corners];
        for (int i = 0; i < Corners; i++)
        {
            float angle = i * MathF.Tau / Corners;
            float own = radius * (1 + waves.Sum(wave => wave.Height * MathF.Cos((wave.Waves * angle) + wave.Phase)));
            points[i] = new SKPoint(centre.X + (own * MathF.Cos(angle)), centre.Y + (own * MathF.Sin(angle)));
        }

        using var path = new SKPath();
        path.AddPoly(points);
        using SKPaint brush = Ink.Brush(blur);
        canvas.DrawPath(path, brush);
    }

    private static void DrawCurve(SKCanvas canvas, SKPaint pen, SKPoint from, SKPoint over, SKPoint to)
    {
        using var path = new SKPath();
        path.MoveTo(from);
        path.QuadTo(over, to);
        canvas.DrawPath(path, pen);
    }

    private static SKPoint Move(SKPoint from, float angle, float distance) =>
        new(from.X + (distance * MathF.Cos(angle)), from.Y + (distance * MathF.Sin(angle)));
}
