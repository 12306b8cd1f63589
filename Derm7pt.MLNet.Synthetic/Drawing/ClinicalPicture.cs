using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>The clinical photograph of a case: a small lesion on much skin. Simple, because the network never reads it.</summary>
internal static class ClinicalPicture
{
    public static SKBitmap Paint(IReadOnlyList<int> labels, int seed, int width, int height)
    {
        Randomness random = Randomness.For(seed, "clinical");
        var diagnosis = (Diagnosis)labels[Taxonomy.Derm7pt.DiagnosisIndex];
        var picture = new Picture(width, height);
        var broad = new ValueNoise(random, 200);
        // Same skin as in the dermoscopic picture: it is the same patient.
        Tone tone = Skin.DrawTone(Randomness.For(seed, "skin"));
        picture.Fill((x, y) => tone * (0.86f + (0.22f * broad.At(x, y))));

        using var stencil = new Stencil(picture.Side);
        var outline = new LesionOutline(diagnosis, Randomness.For(seed, "outline"));
        float scale = random.Between(0.2f, 0.34f);
        stencil.Clear();
        stencil.Canvas.Save();
        stencil.Canvas.Translate(random.Around(60), random.Around(60));
        stencil.Canvas.Scale(scale);
        using (SKPath path = outline.ToPath())
        using (SKPaint brush = Ink.Brush(diagnosis == Diagnosis.SeborrheicKeratosis ? 2 : 8))
            stencil.Canvas.DrawPath(path, brush);
        stencil.Canvas.Restore();
        var blotches = new ValueNoise(random, 22);
        Tone own = (diagnosis switch
        {
            Diagnosis.BasalCellCarcinoma => new Tone(214, 128, 124),
            Diagnosis.Melanoma => new Tone(84, 56, 48),
            Diagnosis.SeborrheicKeratosis => new Tone(150, 116, 74),
            Diagnosis.Miscellaneous => new Tone(182, 124, 98),
            _ => new Tone(136, 88, 62),
        }).Vary(random, 0.08f);
        float contrast = diagnosis == Diagnosis.Melanoma ? 0.8f : 0.25f;
        picture.Blend(stencil, (x, y) => own * (1 + (contrast * (blotches.At(x, y) - 0.5f))), 0.92f);

        return picture.ToBitmap(random, noise: 3, vignette: 0.15f, slant: random.Between(0, 0.2f));
    }
}
