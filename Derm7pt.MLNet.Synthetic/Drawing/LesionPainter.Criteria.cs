using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>The seven criteria. A label of 0 is "absent" for all of them.</summary>
internal sealed partial class LesionPainter
{
    /// <summary>Brown lines around lighter holes: a thin even honeycomb, or thick lines of uneven width that break off.</summary>
    private void PaintNetwork(int label)
    {
        if (label == 0)
            return;
        Randomness random = Stream("network");
        bool atypical = label == 2;
        float cell = atypical ? random.Between(44, 54) : random.Between(25, 29);
        float jitter = atypical ? 0.85f : 0.16f;
        // How many rows away the two nearest corners can lie: more where corners stray further.
        int reach = atypical ? 2 : 1;
        float rowHeight = cell * 0.8660254f;
        int span = (int)(Stencil.Units / rowHeight) + 8;
        var corners = new SKPoint[span * span];
        for (int row = 0; row < span; row++)
        {
            for (int column = 0; column < span; column++)
            {
                corners[(row * span) + column] = new SKPoint(
                    ((column - (span / 2) + ((row & 1) / 2f) + (jitter * (random.Next() - 0.5f))) * cell),
                    ((row - (span / 2)) * rowHeight) + (jitter * (random.Next() - 0.5f) * cell));
            }
        }

        var thickness = new ValueNoise(random, atypical ? 55 : 120);
        var gaps = new ValueNoise(random, 60);
        _stencil.Clear();
        _stencil.Fill(
            (x, y) =>
            {
                float width = atypical ? 3 + (13 * thickness.At(x, y)) : 5.2f + thickness.At(x, y);
                float line = Math.Clamp((width / 2) - ToNearestEdge(corners, span, cell, rowHeight, reach, x, y) + 0.5f, 0, 1);
                float fraction = _outline.FractionAt(x, y);
                // A typical network thins out at the border; an atypical one ends abruptly and has gaps.
                float presence = atypical
                    ? Math.Clamp((gaps.At(x, y) - 0.3f) * 9, 0, 1)
                    : Math.Clamp((1.02f - fraction) * 5, 0, 1);
                return line * presence;
            },
            _body);
        Mark("PigmentNetwork");
        Darken(atypical ? new Tone(0.34f, 0.28f, 0.26f) : new Tone(0.64f, 0.54f, 0.45f));
    }

    /// <summary>The distance to the nearest border between the cells of a jittered triangular grid.</summary>
    private static float ToNearestEdge(SKPoint[] corners, int span, float cell, float rowHeight, int reach, float x, float y)
    {
        int nearRow = (int)MathF.Round(y / rowHeight) + (span / 2);
        float nearest = float.MaxValue;
        float second = float.MaxValue;
        for (int row = nearRow - reach; row <= nearRow + reach; row++)
        {
            int nearColumn = (int)MathF.Round((x / cell) - ((row & 1) / 2f)) + (span / 2);
            for (int column = nearColumn - reach; column <= nearColumn + reach; column++)
            {
                SKPoint corner = corners[(row * span) + column];
                float distance = ((corner.X - x) * (corner.X - x)) + ((corner.Y - y) * (corner.Y - y));
                if (distance < nearest)
                    (nearest, second) = (distance, nearest);
                else if (distance < second)
                    second = distance;
            }
        }

        return (MathF.Sqrt(second) - MathF.Sqrt(nearest)) / 2;
    }

    /// <summary>A hazy steel-blue patch with a white, ground-glass film over it.</summary>
    private void PaintVeil(int label)
    {
        if (label == 0)
            return;
        Randomness random = Stream("veil");
        var film = new ValueNoise(random, 44);
        var grain = new ValueNoise(random, 15);
        SKPoint centre = _outline.At(Sector(0.36f, random), random.Between(0.3f, 0.45f));
        DrawPatch(Begin(), centre, _outline.Radius * random.Between(0.46f, 0.56f), random, 0.2f, 11);
        ClipToBody();
        Mark("BlueWhitishVeil");
        Tone blue = new Tone(88, 116, 178).Vary(random, 0.05f);
        Cover((x, y) => Tone.Mix(blue, new Tone(214, 224, 242), 0.05f + (0.4f * film.At(x, y)) + (0.2f * grain.At(x, y))), 0.84f);
    }

    /// <summary>Red vessels: a few long even curves, or many dots and short kinked lines on a milky-red ground.</summary>
    private void PaintVessels(int label)
    {
        if (label == 0)
            return;
        Randomness random = Stream("vessels");
        string value = RawValueOf("VascularStructures");
        if (label == 2)
        {
            float direction = Sector(0.62f, random);
            SKPoint centre = _outline.At(direction, 0.35f);
            float reach = _outline.Radius * random.Between(0.55f, 0.65f);
            DrawPatch(Begin(), centre, reach, random, 0.15f, 14);
            ClipToBody();
            Cover(new Tone(226, 120, 132), 0.5f);
            DrawIrregularVessels(Begin(), value, centre, reach, random);
        }
        else
        {
            DrawRegularVessels(Begin(), value, random);
        }

        ClipToBody();
        Mark("VascularStructures");
        Cover(label == 2 ? new Tone(186, 6, 44) : new Tone(208, 24, 40), 0.92f);
    }

    private static void DrawIrregularVessels(SKCanvas canvas, string value, SKPoint centre, float reach, Randomness random)
    {
        bool lines = value == "linear irregular";
        using SKPaint brush = Ink.Brush();
        for (int i = lines ? 14 : random.Whole(38, 48); i > 0; i--)
            canvas.DrawCircle(Move(centre, random.Angle(), MathF.Sqrt(random.Next()) * reach), random.Between(4.5f, 7f), brush);
        for (int i = lines ? random.Whole(13, 17) : 0; i > 0; i--)
        {
            using SKPaint pen = Ink.Pen(random.Between(4.5f, 8));
            SKPoint at = Move(centre, random.Angle(), MathF.Sqrt(random.Next()) * reach);
            float angle = random.Angle();
            for (int kink = random.Whole(2, 3); kink > 0; kink--)
            {
                angle += random.Between(0.7f, 1.5f) * (random.Chance(0.5) ? 1 : -1);
                SKPoint next = Move(at, angle, random.Between(12, 20));
                canvas.DrawLine(at, next, pen);
                at = next;
            }
        }
    }

    private void DrawRegularVessels(SKCanvas canvas, string value, Randomness random)
    {
        switch (value)
        {
            case "arborizing":
                float side = random.Angle();
                foreach (float turn in (float[])[0, 2.1f, 4.2f])
                    DrawBranch(canvas, _outline.At(side + turn, 0.92f), side + turn + MathF.PI + random.Around(0.3f), _outline.Radius * 0.42f, 10, 3, random);
                break;

            case "wreath":
                for (int i = 0; i < 12; i++)
                {
                    float angle = i * MathF.Tau / 12;
                    using SKPaint pen = Ink.Pen(7.5f);
                    DrawCurve(canvas, pen, _outline.At(angle, 0.8f), _outline.At(angle + 0.17f, 0.62f), _outline.At(angle + 0.36f, 0.8f));
                }

                break;

            default:
                for (int i = value == "hairpin" ? random.Whole(7, 9) : random.Whole(10, 13); i > 0; i--)
                {
                    SKPoint from = _outline.At(random.Angle(), MathF.Sqrt(random.Next()) * 0.78f);
                    float angle = random.Angle();
                    using SKPaint pen = Ink.Pen(8);
                    if (value == "hairpin")
                    {
                        // Out, around a narrow bend and back.
                        using var loop = new SKPath();
                        loop.MoveTo(Move(from, angle - 0.4f, 38));
                        loop.CubicTo(Move(from, angle - 0.5f, 8), Move(from, angle + MathF.PI, 26), Move(from, angle + 1.2f, 14));
                        loop.LineTo(Move(from, angle + 0.35f, 42));
                        canvas.DrawPath(loop, pen);
                    }
                    else
                    {
                        SKPoint over = Move(from, angle, 34);
                        DrawCurve(canvas, pen, from, over, Move(over, angle + 1.5f, 30));
                    }
                }

                break;
        }
    }

    private static void DrawBranch(SKCanvas canvas, SKPoint from, float angle, float length, float width, int depth, Randomness random)
    {
        using SKPaint pen = Ink.Pen(width);
        SKPoint over = Move(from, angle + random.Around(0.4f), length / 2);
        SKPoint to = Move(from, angle, length);
        DrawCurve(canvas, pen, from, over, to);
        if (depth == 0)
            return;
        DrawBranch(canvas, to, angle + random.Between(0.4f, 0.8f), length * 0.68f, width * 0.78f, depth - 1, random);
        DrawBranch(canvas, to, angle - random.Between(0.4f, 0.8f), length * 0.68f, width * 0.78f, depth - 1, random);
    }

    /// <summary>A blotch of even brown around the center, or several near-black ones off center.</summary>
    private void PaintPigmentation(int label)
    {
        if (label == 0)
            return;
        Randomness random = Stream("pigmentation");
        bool diffuse = RawValueOf("Pigmentation").StartsWith("diffuse", StringComparison.Ordinal);
        SKCanvas canvas = Begin();
        if (label == 1)
        {
            using SKPath blotch = _outline.ToPath(diffuse ? 0.84f : 0.64f);
            using SKPaint brush = Ink.Brush(diffuse ? 10 : 6);
            canvas.DrawPath(blotch, brush);
            ClipToBody();
            Mark("Pigmentation");
            Cover(new Tone(150, 92, 46).Vary(random, 0.04f), 0.72f);
            return;
        }

        int blotches = diffuse ? random.Whole(4, 5) : random.Whole(2, 3);
        float direction = Sector(0.72f, random);
        for (int i = 0; i < blotches; i++)
        {
            SKPoint centre = _outline.At(direction + ((i - ((blotches - 1) / 2f)) * 0.75f) + random.Around(0.2f), random.Between(0.48f, 0.74f));
            DrawPatch(canvas, centre, _outline.Radius * (diffuse ? random.Between(0.2f, 0.3f) : random.Between(0.26f, 0.36f)), random, 0.4f, 4);
        }

        ClipToBody();
        Mark("Pigmentation");
        Cover(new Tone(46, 28, 24), 0.88f);
    }

    /// <summary>Lines that leave the border: all around and alike, or in one sector and of all lengths.</summary>
    private void PaintStreaks(int label)
    {
        if (label == 0)
            return;
        Randomness random = Stream("streaks");
        SKCanvas canvas = Begin();
        if (label == 1)
        {
            int streaks = random.Whole(30, 36);
            for (int i = 0; i < streaks; i++)
                DrawStreak(canvas, (i * MathF.Tau / streaks) + random.Around(0.03f), random.Between(0.82f, 0.86f), random.Between(1.14f, 1.19f), random.Between(6.5f, 8));
        }
        else
        {
            float middle = Sector(0.86f, random);
            float half = random.Between(0.75f, 1.15f);
            for (float angle = middle - half; angle < middle + half; angle += random.Between(0.08f, 0.2f))
                DrawStreak(canvas, angle, random.Between(0.74f, 0.9f), random.Between(1.04f, 1.22f), random.Between(6, 13));
        }

        Mark("Streaks");
        Cover(label == 1 ? new Tone(82, 52, 38) : new Tone(44, 28, 28), 0.9f);
    }

    /// <summary>A wedge that tapers outward and ends in a small bulb, as a pseudopod does.</summary>
    private void DrawStreak(SKCanvas canvas, float angle, float from, float to, float width)
    {
        SKPoint start = _outline.At(angle, from);
        SKPoint end = _outline.At(angle, to);
        using var wedge = new SKPath();
        wedge.AddPoly(
        [
            Move(start, angle + (MathF.PI / 2), width * 0.75f),
            Move(end, angle + (MathF.PI / 2), width * 0.32f),
            Move(end, angle - (MathF.PI / 2), width * 0.32f),
            Move(start, angle - (MathF.PI / 2), width * 0.75f),
        ]);
        using SKPaint brush = Ink.Brush(0.8f);
        canvas.DrawPath(wedge, brush);
        canvas.DrawCircle(end, width * 0.62f, brush);
    }

    /// <summary>Round brown dots: one size and evenly spaced, or of all sizes and crowded near the border.</summary>
    private void PaintDots(int label)
    {
        if (label == 0)
            return;
        Randomness random = Stream("dots");
        SKCanvas canvas = Begin();
        using SKPaint brush = Ink.Brush(0.6f);
        if (label == 1)
        {
            float spacing = random.Between(42, 48);
            float radius = random.Between(8.2f, 9.6f);
            for (int row = -8; row <= 8; row++)
            {
                for (int column = -8; column <= 8; column++)
                {
                    float x = _outline.Cx + ((column + ((row & 1) / 2f)) * spacing) + random.Around(3);
                    float y = _outline.Cy + (row * spacing * 0.87f) + random.Around(3);
                    if (_outline.FractionAt(x, y) < 0.86f)
                        canvas.DrawCircle(x, y, radius, brush);
                }
            }
        }
        else
        {
            foreach (float turn in (float[])[0.12f, 0.5f])
            {
                float direction = Sector(turn, random);
                for (int i = random.Whole(17, 24); i > 0; i--)
                {
                    SKPoint at = _outline.At(direction + (float)(random.Normal() * 0.38), random.Between(0.55f, 0.97f));
                    canvas.DrawCircle(at, 5 + (13 * random.Next() * random.Next()), brush);
                }
            }
        }

        ClipToBody();
        Mark("DotsAndGlobules");
        Cover(label == 1 ? new Tone(84, 48, 28) : new Tone(34, 26, 30), 0.9f);
    }

    /// <summary>A scar-white patch, or a gray-blue one, strewn with gray-blue pepper.</summary>
    private void PaintRegression(int label)
    {
        if (label == 0)
            return;
        Randomness random = Stream("regression");
        string value = RawValueOf("RegressionStructures");
        SKPoint centre = _outline.At(Sector(0, random), random.Between(0.5f, 0.58f));
        float radius = _outline.Radius * random.Between(0.38f, 0.46f);
        DrawPatch(Begin(), centre, radius, random, 0.4f, 6);
        ClipToBody();
        Mark("RegressionStructures");
        Tone ground = value == "blue areas" ? new Tone(206, 208, 214) : new Tone(246, 234, 226);
        Cover(ground, 0.9f);

        SKCanvas canvas = Begin();
        using SKPaint brush = Ink.Brush(0.5f);
        for (int i = value == "white areas" ? random.Whole(14, 20) : random.Whole(34, 46); i > 0; i--)
            canvas.DrawCircle(Move(centre, random.Angle(), MathF.Sqrt(random.Next()) * radius * 0.95f), random.Between(3.2f, 5.2f), brush);
        ClipToBody();
        Mark("RegressionStructures");
        Cover(new Tone(104, 112, 134), 0.85f);
    }
}
