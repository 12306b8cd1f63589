using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Recognizes the exception for an image that has been disposed, and adds advice to it.</summary>
/// <remarks>This file depends on nothing else of the library, so that the package of reports compiles it too.</remarks>
internal static class DisposedImage
{
    /// <summary>The advice for programs that keep images in memory.</summary>
    public const string Advice =
        "The image is disposed: it was read before, and the reader of an image from a data view disposes it. Rows in memory must give " +
        "an image of its own to every reader: make it in the property's getter, for example " +
        "'[ImageType(256, 256)] public MLImage Image => MLImage.CreateFromFile(Path);', rather than to keep it.";

    // ML.NET throws an exception of a general type, which can be recognized only by its message.
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

    /// <summary>Reads an image, or a value that earlier stages compute from an image.</summary>
    /// <exception cref="InvalidOperationException">The image is disposed; the message contains advice.</exception>
    public static void Read<T>(ValueGetter<T> getter, ref T value)
    {
        try
        {
            getter(ref value);
            if (value is MLImage image)
                _ = image.Height;
        }
        catch (Exception e) when (IsMeantBy(e))
        {
            throw new InvalidOperationException(Advice, e);
        }
    }

    // Stages may wrap the exceptions of earlier stages.
    private static bool IsMeantBy(Exception? e) =>
        e is not null && ((e is InvalidOperationException && e.Message.Length > 0 && e.Message == Message.Value) || IsMeantBy(e.InnerException));
}
