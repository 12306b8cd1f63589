using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>Paints for stencils.</summary>
internal static class Ink
{
    public static SKPaint Brush(float blur = 0) => Make(SKPaintStyle.Fill, 0, blur);

    public static SKPaint Pen(float width, float blur = 0) => Make(SKPaintStyle.Stroke, width, blur);

    private static SKPaint Make(SKPaintStyle style, float width, float blur) => new()
    {
        Color = SKColors.Black,
        IsAntialias = true,
        Style = style,
        StrokeWidth = width,
        StrokeCap = SKStrokeCap.Round,
        StrokeJoin = SKStrokeJoin.Round,
        MaskFilter = blur > 0 ? SKMaskFilter.CreateBlur(SKBlurStyle.Normal, blur) : null,
    };
}
