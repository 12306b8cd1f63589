using Derm7pt.MLNet.Tests.Scoring;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests.Inputs;

/// <summary>Synthetic lesions as files, which are deleted when the tests end.</summary>
internal static class TemporaryImages
{
    private static readonly Lazy<string> LazyFolder = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("derm7pt-images-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    public static string Folder => LazyFolder.Value;

    public static string Write(byte[] content, string extension)
    {
        string path = Path.Combine(Folder, Guid.NewGuid().ToString("N") + extension);
        File.WriteAllBytes(path, content);
        return path;
    }

    public static string Write(
        int width, int height, SKEncodedImageFormat format, SKColorType color = SKColorType.Bgra8888, int seed = 1)
    {
        byte[] rgb = SyntheticImages.Draw(new Random(seed), width, height).Rgb.ToArray();
        using var drawn = new SKBitmap(width, height);
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i += 3)
                drawn.SetPixel(x, y, new SKColor(rgb[i], rgb[i + 1], rgb[i + 2]));
        }

        using SKBitmap converted = drawn.Copy(color);
        using SKData data = converted.Encode(format, 90);
        return Write(data.ToArray(), $".{format.ToString().ToLowerInvariant()}");
    }
}
