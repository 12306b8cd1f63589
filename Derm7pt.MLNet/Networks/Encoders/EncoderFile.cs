using System.Security.Cryptography;
using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet.Networks;

/// <summary>Represents an encoder that was read from a file.</summary>
/// <param name="Encoder">The description.</param>
/// <param name="Weights">The tensors of the file, named as the encoder's <see cref="Encoder.Parameters"/>.</param>
internal sealed record EncoderFile(Encoder Encoder, IReadOnlyList<NamedTensor> Weights)
{
    /// <summary>The maximum number of bytes of a file.</summary>
    private const long MaximumBytes = 512 << 20;

    /// <summary>Reads and checks the file that is specified by options.</summary>
    /// <param name="options">The options of the encoder.</param>
    /// <param name="inputSize">The height and width of the images; <see langword="null"/> if they can have any size.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file cannot be used as an encoder; the message states the file and the reason. No weights have been read.
    /// </exception>
    public static EncoderFile Load(EncoderOptions options, int? inputSize = null)
    {
        string path = options.FindFile();
        try
        {
            if (new FileInfo(path).Length > MaximumBytes)
                throw new FormatException(Invariant($"it has {new FileInfo(path).Length} bytes, at most {MaximumBytes} are allowed."));
            byte[] content = File.ReadAllBytes(path);
            string hash = Convert.ToHexStringLower(SHA256.HashData(content));
            if (options.Sha256 is { } expected && !hash.Equals(expected, StringComparison.OrdinalIgnoreCase))
                throw new FormatException($"its SHA-256 is {hash}, expected {expected}.");
            return OnnxImport.Read(content, Path.GetFileName(path), hash, options, inputSize);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"'{path}' cannot be used as an encoder: {e.Message}", e);
        }
    }
}
