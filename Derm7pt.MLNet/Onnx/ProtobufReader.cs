using System.Buffers.Binary;

namespace Derm7pt.MLNet.Onnx;

/// <summary>Reads the fields of a protocol buffer message one after the other.</summary>
/// <remarks>
/// Nothing is copied, no objects are created for unused fields, and nested messages are read only on request.
/// A general parser would create an object for every two bytes of a manipulated file.
/// </remarks>
internal struct ProtobufReader(ReadOnlyMemory<byte> message)
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    private ReadOnlyMemory<byte> _rest = message;
    private ReadOnlyMemory<byte> _payload;
    private ulong _number;
    private int _wireType;

    /// <summary>The number of the field that was read.</summary>
    public int Field { get; private set; }

    /// <summary>Whether the field is bytes, text, a message or a packed list.</summary>
    public readonly bool IsLengthDelimited => _wireType == LengthDelimited;

    /// <summary>The content of a field of bytes, text, a message or a packed list.</summary>
    /// <exception cref="FormatException">The field is a number.</exception>
    public readonly ReadOnlyMemory<byte> Payload => IsLengthDelimited ? _payload : throw WrongType();

    /// <summary>The value of a field of an integer type.</summary>
    /// <exception cref="FormatException">The field is something else.</exception>
    public readonly long Number => _wireType == Varint ? (long)_number : throw WrongType();

    /// <summary>The value of a field in single precision.</summary>
    /// <exception cref="FormatException">The field is something else.</exception>
    public readonly float Single => _wireType == Fixed32 ? BitConverter.UInt32BitsToSingle((uint)_number) : throw WrongType();

    /// <summary>Reads the next field.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="FormatException">The bytes are no message.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
            return false;

        ulong tag = ReadVarint();
        if (tag is < 8 or > uint.MaxValue)
            throw new FormatException($"a field has the tag {tag}.");
        (Field, _wireType) = ((int)(tag >> 3), (int)(tag & 7));
        switch (_wireType)
        {
            case Varint:
                _number = ReadVarint();
                break;
            case LengthDelimited:
                _payload = Take(ReadVarint());
                break;
            case Fixed64:
                Take(8);
                break;
            case Fixed32:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);
                break;
            default:
                throw new FormatException(Invariant($"field {Field} has the unknown wire type {_wireType}."));
        }

        return true;
    }

    /// <summary>Reads an integer that belongs to a packed list.</summary>
    /// <returns>Whether there was one.</returns>
    public bool NextPacked(out long value)
    {
        bool any = !_rest.IsEmpty;
        value = any ? (long)ReadVarint() : 0;
        return any;
    }

    private ulong ReadVarint()
    {
        ReadOnlySpan<byte> rest = _rest.Span;
        ulong value = 0;
        for (int i = 0; i < Math.Min(rest.Length, 10); i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw new FormatException(rest.Length < 10 ? "it ends within a number." : "a number takes more than 10 bytes.");
    }

    private ReadOnlyMemory<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
            throw new FormatException(Invariant($"field {Field} declares {length} bytes, and {_rest.Length} are left."));
        ReadOnlyMemory<byte> taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private readonly FormatException WrongType() => new(Invariant($"field {Field} has the unexpected wire type {_wireType}."));
}
