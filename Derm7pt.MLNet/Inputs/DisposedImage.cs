using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Recognizes the error of an image that was used up, and advises what to do.</summary>
internal static class DisposedImage
{
    /// <summary>What a program that holds images in memory has to change.</summary>
    public const string Advice =
        "The image is disposed: it was read before, and whoever reads an image from a data view disposes it. Rows in memory must give " +
        "an image of its own to every reader: make it in the property's getter, for example " +
        "'[ImageType(256, 256)] public MLImage Image => MLImage.CreateFromFile(Path);', rather than to keep it.";

    // ML.NET throws an exception of a general type, and its message is the only mark.
    private static readonly Lazy<string> Message = new(() =>
    {
        MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, new byte[4]);
        image.Dispose();
        try
        {
            _ = image.Height;
            return "";
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    });

    /// <summary>Whether ML.NET has thrown this because an image is disposed.</summary>
    public static bool IsMeantBy(InvalidOperationException e) => e.Message.Length > 0 && e.Message == Message.Value;
}
