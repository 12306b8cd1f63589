using System.Diagnostics.CodeAnalysis;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML.Data;

namespace ScoreImages;

/// <summary>The pixels of an image file, the same ones that the library's LoadDerm7ptImages gives in full.</summary>
/// <remarks>
/// LoadImages, with which a saved model begins, throws in the middle of a batch where a file is no image, says nothing where the end
/// of a file is missing, and neither turns images nor converts their colors. Decoding here does, and tells of each fault by file.
/// </remarks>
internal sealed class DecodedImage : IDisposable
{
    private readonly DecodedPicture _picture;

    private DecodedImage(string file, DecodedPicture picture) => (File, _picture) = (file, picture);

    public string File { get; }

    /// <summary>What the user should look at, though the image can be scored; null if nothing.</summary>
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

    /// <summary>An image for ML.NET, which disposes it.</summary>
    public MLImage ToMLImage() => _picture.ToMLImage();

    public void Dispose() => _picture.Dispose();
}
