using System.Diagnostics.CodeAnalysis;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML.Data;

namespace ScoreImages;

/// <summary>The pixels of an image file, equal to those of the library's LoadDerm7ptImages at full size.</summary>
/// <remarks>
/// LoadImages, with which a saved model begins, throws in the middle of a batch if a file is not an image, does not report that the end
/// of a file is missing, and neither rotates images nor converts their colors. This class does, and reports errors by file.
/// </remarks>
internal sealed class DecodedImage : IDisposable
{
    private readonly DecodedPicture _picture;

    private DecodedImage(string file, DecodedPicture picture) => (File, _picture) = (file, picture);

    public string File { get; }

    /// <summary>Gets a warning about an image that can be scored; null if there is none.</summary>
    public string? Warning => _picture.IsFlattened ? "it is transparent in places; white was put underneath." : null;

    public static bool TryRead(string file, [NotNullWhen(true)] out DecodedImage? image, [NotNullWhen(false)] out string? problem)
    {
        image = null;
        try
        {
            if (ImageDecoder.TryDecode(file, out DecodedPicture? picture, out problem))
                image = new DecodedImage(file, picture);
            else
                problem = $"it {problem}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
        }

        return problem is null;
    }

    /// <summary>Creates an image for ML.NET, which disposes it.</summary>
    public MLImage ToMLImage() => _picture.ToMLImage();

    public void Dispose() => _picture.Dispose();
}
