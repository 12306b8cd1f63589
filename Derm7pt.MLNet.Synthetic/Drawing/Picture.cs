using SkiaSharp;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>Represents an unfinished image with three numbers per pixel, which are rounded only once, at the end.</summary>
internal sealed class Picture
{
    private readonly float[] _values;

    public Picture(int width, int height)
    {
        (Width, Height, Side) = (width, height, Math.Min(width, height));
        _values = GC.AllocateUninitializedArray<float>(3 * width * height);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The side of the central square.</summary>
    public int Side { get; }

    public int Left => (Width - Side) / 2;

    public int Top => (Height - Side) / 2;

    /// <summary>Sets every pixel from a function of the place in units (see <see cref="Stencil"/>).</summary>
    public void Fill(Func<float, float, Tone> tone)
    {
        // Backgrounds are smooth: in a large picture one value serves a block of four pixels, at a quarter of the cost.
        int step = Side >= 256 ? 2 : 1;
        float unitsPerPixel = Stencil.Units / Side;
        for (int y = 0; y < Height; y++)
        {
            Span<float> row = _values.AsSpan(3 * y * Width, 3 * Width);
            if (y % step != 0)
            {
                _values.AsSpan(3 * (y - 1) * Width, row.Length).CopyTo(row);
                continue;
            }

            float v = (y + 0.5f - (Height / 2f)) * unitsPerPixel;
            Tone value = default;
            for (int x = 0; x < Width; x++)
            {
                if (x % step == 0)
                    value = tone((x + 0.5f - (Width / 2f)) * unitsPerPixel, v);
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = (value.R, value.G, value.B);
            }
        }
    }

    /// <summary>Covers with a color.</summary>
    public void Blend(Stencil stencil, Tone tone, float opacity)
    {
        for (int y = 0; y < Side; y++)
        {
            ReadOnlySpan<byte> coverage = stencil.Row(y);
            Span<float> row = Row(y);
            for (int x = 0; x < Side; x++)
            {
                if (coverage[x] != 0)
                    Mix(row.Slice(3 * x, 3), tone, opacity * coverage[x] / 255f);
            }
        }
    }

    /// <summary>Covers with a color that depends on the place.</summary>
    public void Blend(Stencil stencil, Func<float, float, Tone> tone, float opacity)
    {
        for (int y = 0; y < Side; y++)
        {
            ReadOnlySpan<byte> coverage = stencil.Row(y);
            Span<float> row = Row(y);
            float v = stencil.ToUnits(y);
            for (int x = 0; x < Side; x++)
            {
                if (coverage[x] != 0)
                    Mix(row.Slice(3 * x, 3), tone(stencil.ToUnits(x), v), opacity * coverage[x] / 255f);
            }
        }
    }

    /// <summary>
    /// Multiplies the colors. Pigment filters light, so a line of it stays visible on a light and on a dark lesion.
    /// </summary>
    public void Shade(Stencil stencil, Tone factor, float opacity)
    {
        for (int y = 0; y < Side; y++)
        {
            ReadOnlySpan<byte> coverage = stencil.Row(y);
            Span<float> row = Row(y);
            for (int x = 0; x < Side; x++)
            {
                if (coverage[x] == 0)
                    continue;
                Span<float> pixel = row.Slice(3 * x, 3);
                Mix(pixel, new Tone(pixel[0] * factor.R, pixel[1] * factor.G, pixel[2] * factor.B), opacity * coverage[x] / 255f);
            }
        }
    }

    /// <summary>Rounds to an opaque bitmap, adding sensor noise and light that falls off toward one side and the corners.</summary>
    public SKBitmap ToBitmap(Randomness random, float noise, float vignette, float slant)
    {
        var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> pixels = bitmap.WritablePixels();
        (float alongX, float alongY) = MathF.SinCos(random.Angle());
        float scale = 2f / MathF.Sqrt((Width * Width) + (Height * Height));
        for (int y = 0, i = 0, o = 0; y < Height; y++)
        {
            float v = (y - (Height / 2f)) * scale;
            for (int x = 0; x < Width; x++, i += 3, o += 4)
            {
                float u = (x - (Width / 2f)) * scale;
                float distance = (u * u) + (v * v);
                float light = 1 + (slant * ((u * alongX) + (v * alongY))) - (vignette * distance * distance);
                // One draw serves all three channels: 16 bits each, two of them summed for a rounder distribution.
                ulong bits = random.NextBits();
                float grey = noise * (((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF)) * (1f / 65536) - 1);
                float hue = noise * 0.5f * ((((bits >> 32) & 0xFFFF) * (1f / 32768)) - 1);
                pixels[o] = Round((_values[i] * light) + grey + hue);
                pixels[o + 1] = Round((_values[i + 1] * light) + grey);
                pixels[o + 2] = Round((_values[i + 2] * light) + grey - hue);
                pixels[o + 3] = 255;
            }
        }

        return bitmap;

        static byte Round(float value) => (byte)Math.Clamp(value + 0.5f, 0, 255);
    }

    private static void Mix(Span<float> pixel, Tone tone, float share)
    {
        pixel[0] += share * (tone.R - pixel[0]);
        pixel[1] += share * (tone.G - pixel[1]);
        pixel[2] += share * (tone.B - pixel[2]);
    }

    private Span<float> Row(int y) => _values.AsSpan(3 * (((y + Top) * Width) + Left), 3 * Side);
}
