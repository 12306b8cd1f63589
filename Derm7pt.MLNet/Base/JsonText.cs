using System.Text;
using System.Text.Json;

namespace Derm7pt.MLNet.Base;

/// <summary>Parses JSON that people write: comments and trailing commas are allowed.</summary>
internal static class JsonText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Parses a JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="what">The description of the text with which error messages begin.</param>
    /// <exception cref="FormatException">The text is not JSON; the message states the position.</exception>
    public static JsonDocument Parse(string json, string what) => Parse(Encode(json, what), what);

    /// <inheritdoc cref="Parse(string, string)"/>
    /// <param name="utf8">The text.</param>
    /// <param name="what">The description of the text with which error messages begin.</param>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, string what)
    {
        try
        {
            return JsonDocument.Parse(utf8, Lenient);
        }
        catch (JsonException e)
        {
            throw new FormatException(Describe(e, what), e);
        }
    }

    /// <summary>Creates the message for a text that is not JSON.</summary>
    public static string Describe(JsonException e, string what)
    {
        // Both numbers are zero-based.
        string place = e is { LineNumber: { } line, BytePositionInLine: { } position } ? Invariant($", line {line + 1}, byte {position + 1}") : "";
        int end = e.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return $"{what} is not valid JSON{place}: {(end < 0 ? e.Message : e.Message[..end])}";
    }

    /// <summary>Encodes a text as UTF-8 and rejects unpaired surrogates, which the default encoder replaces.</summary>
    private static byte[] Encode(string json, string what)
    {
        try
        {
            return Strict.GetBytes(json);
        }
        catch (EncoderFallbackException e)
        {
            throw new FormatException(Invariant($"{what} is not valid JSON: character {e.Index + 1} is half of a surrogate pair."), e);
        }
    }
}
