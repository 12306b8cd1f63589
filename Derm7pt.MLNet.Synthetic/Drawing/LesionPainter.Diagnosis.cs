using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>Draws the lesion's body and the structures of its diagnosis.</summary>
internal sealed partial class LesionPainter
{
    private byte[] DrawBody()
    {
        float blur = _diagnosis switch
        {
            Diagnosis.SeborrheicKeratosis => 0.8f, // sharply cut, as if stuck on
            Diagnosis.Melanoma => 3.5f,
            Diagnosis.Nevus => 8,
            _ => 9,
        };
        using SKPath path = _outline.ToPath();
        using SKPaint brush = Ink.Brush(blur);
        Begin().DrawPath(path, brush);
        return _stencil.Snapshot();
    }

    private void PaintBody()
    {
        Randomness random = Stream("body");
        var broad = new ValueNoise(random, 90);
        var second = new ValueNoise(random, 75);
        var fine = new ValueNoise(random, 14);
        Tone own = (_diagnosis switch
        {
            Diagnosis.BasalCellCarcinoma => new Tone(224, 142, 142),
            Diagnosis.Melanoma => new Tone(158, 106, 78),
            Diagnosis.SeborrheicKeratosis => new Tone(190, 158, 104),
            Diagnosis.Miscellaneous => RawValueOf("Diagnosis") switch
            {
                "vascular lesion" => new Tone(206, 130, 136),
                "melanosis" => new Tone(180, 142, 124),
                _ => new Tone(206, 158, 126),
            },
            _ => RawValueOf("Diagnosis") switch
            {
                "blue nevus" => new Tone(176, 134, 112),
                "dermal nevus" => new Tone(208, 150, 122),
                _ => new Tone(188, 136, 100),
            },
        }).Vary(random, 0.07f);

        _stencil.Clear();
        _stencil.Fill((_, _) => 1, _body);
        Mark("Diagnosis");
        switch (_diagnosis)
        {
            case Diagnosis.Melanoma:
                // Several colors side by side: tan, dark brown, reddish, slate.
                Tone[] colours = [own, new(104, 64, 48), new(186, 110, 92), new(122, 104, 108)];
                random.Shuffle(colours);
                _picture.Blend(
                    _stencil,
                    (x, y) =>
                    {
                        float across = Step(broad.At(x, y));
                        float along = Step(second.At(x, y));
                        Tone tone = Tone.Mix(
                            Tone.Mix(colours[0], colours[1], across), Tone.Mix(colours[2], colours[3], across), along);
                        return tone * (0.92f + (0.16f * fine.At(x, y)));
                    },
                    0.93f);
                break;

            case Diagnosis.SeborrheicKeratosis:
                _picture.Blend(_stencil, (x, y) => own * (0.84f + (0.18f * broad.At(x, y)) + (0.2f * fine.At(x, y))), 0.95f);
                PaintRim(0.965f, 9, new Tone(0.66f, 0.62f, 0.56f), blur: 1.5f);
                break;

            case Diagnosis.Nevus:
                // Even and symmetric: a little darker toward the center, nothing else.
                _picture.Blend(
                    _stencil,
                    (x, y) => own * (0.84f + (0.13f * Math.Min(1, _outline.FractionAt(x, y))) + (0.05f * broad.At(x, y)) + (0.08f * fine.At(x, y))),
                    0.88f);
                break;

            default:
                _picture.Blend(_stencil, (x, y) => own * (0.93f + (0.1f * broad.At(x, y)) + (0.05f * fine.At(x, y))), 0.82f);
                break;
        }

        // Pushes noise toward its ends, so that colors are adjacent and not mixed.
        static float Step(float noise) => Math.Clamp(((noise - 0.5f) * 4) + 0.5f, 0, 1);
    }

    private void PaintRim(float fraction, float width, Tone factor, float blur)
    {
        using SKPath rim = _outline.ToPath(fraction);
        using SKPaint pen = Ink.Pen(width, blur);
        Begin().DrawPath(rim, pen);
        ClipToBody();
        Darken(factor);
    }

    private void PaintDiagnosis()
    {
        Randomness random = Stream("diagnosis");
        switch (_diagnosis)
        {
            case Diagnosis.BasalCellCarcinoma:
                PaintLeaves(random);
                PaintUlcer(random);
                break;
            case Diagnosis.SeborrheicKeratosis:
                PaintKeratosis(random);
                break;
            case Diagnosis.Miscellaneous:
                PaintCentralScar(random);
                break;
            default:
                break;
        }
    }

    /// <summary>Slate-colored leaves around the border: lobes that meet at a stem.</summary>
    private void PaintLeaves(Randomness random)
    {
        SKCanvas canvas = Begin();
        int leaves = random.Whole(5, 7);
        float first = random.Angle();
        using SKPaint brush = Ink.Brush(1.5f);
        for (int leaf = 0; leaf < leaves; leaf++)
        {
            float outwards = first + (leaf * MathF.Tau / leaves) + random.Around(0.25f);
            SKPoint stem = _outline.At(outwards, random.Between(0.66f, 0.74f));
            for (int lobe = -1; lobe <= 1; lobe++)
            {
                float angle = outwards + (lobe * 0.75f);
                SKPoint middle = Move(stem, angle, 17);
                canvas.Save();
                canvas.RotateRadians(angle, middle.X, middle.Y);
                canvas.DrawOval(middle, new SKSize(19, 9.5f), brush);
                canvas.Restore();
            }
        }

        ClipToBody();
        Mark("Diagnosis");
        Cover(new Tone(98, 92, 112), 0.85f);
    }

    private void PaintUlcer(Randomness random)
    {
        SKPoint centre = _outline.At(random.Angle(), random.Between(0.05f, 0.25f));
        DrawPatch(Begin(), centre, _outline.Radius * random.Between(0.24f, 0.32f), random, 0.35f, 2);
        Cover(new Tone(214, 150, 84), 0.9f);
        DrawPatch(Begin(), centre, _outline.Radius * random.Between(0.16f, 0.22f), random, 0.4f, 2);
        Cover(new Tone(132, 36, 34), 0.9f);
    }

    /// <summary>Fissures, milia-like cysts (bright) and comedo-like openings (dark plugs).</summary>
    private void PaintKeratosis(Randomness random)
    {
        SKCanvas canvas = Begin();
        using (SKPaint pen = Ink.Pen(6, 1))
        {
            for (int i = random.Whole(6, 9); i > 0; i--)
            {
                SKPoint from = _outline.At(random.Angle(), random.Between(0.1f, 0.8f));
                float angle = random.Angle();
                SKPoint over = Move(from, angle, random.Between(25, 45));
                DrawCurve(canvas, pen, from, over, Move(over, angle + random.Around(1.4f), random.Between(25, 45)));
            }
        }

        ClipToBody();
        Darken(new Tone(0.68f, 0.62f, 0.54f));

        canvas = Begin();
        using (SKPaint brush = Ink.Brush(1.2f))
        {
            for (int i = random.Whole(7, 11); i > 0; i--)
            {
                SKPoint at = _outline.At(random.Angle(), MathF.Sqrt(random.Next()) * 0.85f);
                canvas.DrawOval(at, new SKSize(random.Between(8, 14), random.Between(7, 10)), brush);
            }
        }

        Cover(new Tone(74, 50, 32), 0.9f);

        canvas = Begin();
        using (SKPaint brush = Ink.Brush(2))
        {
            for (int i = random.Whole(12, 18); i > 0; i--)
                canvas.DrawCircle(_outline.At(random.Angle(), MathF.Sqrt(random.Next()) * 0.88f), random.Between(6, 10), brush);
        }

        Cover(new Tone(255, 246, 206), 0.95f);
    }

    /// <summary>A star-shaped white patch in the middle and a faint brown rim, as a dermatofibroma has.</summary>
    private void PaintCentralScar(Randomness random)
    {
        SKCanvas canvas = Begin();
        using (SKPaint pen = Ink.Pen(_outline.Radius * 0.16f, 9))
        {
            using SKPath ring = _outline.ToPath(0.86f);
            canvas.DrawPath(ring, pen);
        }

        ClipToBody();
        Darken(new Tone(0.82f, 0.72f, 0.64f));

        canvas = Begin();
        float radius = _outline.Radius * random.Between(0.38f, 0.46f);
        var centre = new SKPoint(_outline.Cx, _outline.Cy);
        DrawPatch(canvas, centre, radius * 0.72f, random, 0.12f, 6);
        using (SKPaint pen = Ink.Pen(13, 3))
        {
            float first = random.Angle();
            for (int ray = 0; ray < 9; ray++)
                canvas.DrawLine(centre, Move(centre, first + (ray * MathF.Tau / 9) + random.Around(0.15f), radius * random.Between(0.85f, 1.15f)), pen);
        }

        Mark("Diagnosis");
        Cover(new Tone(250, 232, 222), 0.88f);
    }
}
