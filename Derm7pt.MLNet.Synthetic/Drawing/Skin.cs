using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>Draws the parts of an image other than the lesion: skin, hair and gel bubbles.</summary>
internal static class Skin
{
    public static Tone DrawTone(Randomness random)
    {
        Tone tone = Tone.Mix(new Tone(238, 204, 184), new Tone(208, 164, 134), random.Next());
        return Tone.Mix(tone, new Tone(232, 176, 164), random.Between(0, 0.5f));
    }

    public static void Paint(Picture picture, Tone tone, Randomness random)
    {
        var patches = new ValueNoise(random, 150);
        var mottle = new ValueNoise(random, 26);
        var furrows = new ValueNoise(random, 9);
        picture.Fill((x, y) =>
        {
            float patch = patches.At(x, y) - 0.5f;
            float light = 1 + (0.08f * patch) + (0.05f * (mottle.At(x, y) - 0.5f)) + (0.05f * (furrows.At(x, y * 0.7f) - 0.5f));
            // Patches differ in redness too, as skin does.
            return new Tone(tone.R * light, tone.G * light * (1 - (0.04f * patch)), tone.B * light * (1 - (0.05f * patch)));
        });
    }

    /// <summary>Draws hair and bubbles over a finished picture.</summary>
    public static void Overlay(SKBitmap bitmap, Randomness random)
    {
        float unit = Math.Min(bitmap.Width, bitmap.Height) / Stencil.Units;
        using var canvas = new SKCanvas(bitmap);
        canvas.Translate(bitmap.Width / 2f, bitmap.Height / 2f);
        canvas.Scale(unit);
        float right = bitmap.Width / (2 * unit);
        float bottom = bitmap.Height / (2 * unit);

        int hairs = random.Chance(0.35) ? random.Whole(2, 9) : 0;
        float direction = random.Angle();
        for (int i = 0; i < hairs; i++)
        {
            float x = random.Around(right);
            float y = random.Around(bottom);
            float angle = direction + random.Around(0.7f);
            float length = random.Between(150, 330);
            var end = new SKPoint(x + (length * MathF.Cos(angle)), y + (length * MathF.Sin(angle)));
            var bend = new SKPoint(((x + end.X) / 2) + random.Around(50), ((y + end.Y) / 2) + random.Around(50));
            using SKPaint pen = Ink.Pen(random.Between(1.2f, 2.6f));
            pen.Color = new SKColor(44, 32, 28, (byte)random.Whole(150, 215));
            using var path = new SKPath();
            path.MoveTo(x, y);
            path.QuadTo(bend, end);
            canvas.DrawPath(path, pen);
        }

        int bubbles = random.Chance(0.3) ? random.Whole(2, 7) : 0;
        for (int i = 0; i < bubbles; i++)
        {
            var centre = new SKPoint(random.Around(right), random.Around(bottom));
            float radius = random.Between(5, 16);
            using SKPaint rim = Ink.Pen(1.6f);
            rim.Color = new SKColor(255, 250, 245, 110);
            canvas.DrawCircle(centre, radius, rim);
            using SKPaint glint = Ink.Brush(1);
            glint.Color = new SKColor(255, 255, 255, 150);
            canvas.DrawCircle(centre.X - (radius * 0.4f), centre.Y - (radius * 0.4f), radius * 0.2f, glint);
        }
    }
}
