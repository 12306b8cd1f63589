using System.Buffers.Binary;
using System.Collections.Immutable;
using ElementType = Derm7pt.MLNet.Onnx.TensorProto.Types.DataType;

namespace Derm7pt.MLNet.Onnx;

/// <summary>A constant as a file holds it.</summary>
/// <param name="Message">The bytes of the constant.</param>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its dimensions, unchecked.</param>
/// <param name="Type">The type of its values, unchecked.</param>
/// <param name="RawData">Its values, little-endian and row-major; empty if <paramref name="PackedIntegers"/> holds them.</param>
/// <param name="PackedIntegers">Its values as variable-length integers; empty if <paramref name="RawData"/> holds them.</param>
internal sealed record OnnxTensor(
    ReadOnlyMemory<byte> Message, string Name, ImmutableArray<long> Shape, ElementType Type, ReadOnlyMemory<byte> RawData, ReadOnlyMemory<byte> PackedIntegers)
{
    /// <summary>Checks type, shape, length and values, in this order, and only then copies the values.</summary>
    /// <exception cref="FormatException">Something is not as expected.</exception>
    public float[] Values(ImmutableArray<long> expectedShape)
    {
        if (Type != ElementType.Float)
            throw new FormatException($"tensor '{Name}' must hold single-precision values.");
        if (!Shape.AsSpan().SequenceEqual(expectedShape.AsSpan()))
            throw new FormatException($"tensor '{Name}' must have shape {Text(expectedShape)}, got {Text(Shape)}.");

        // The expected shape has limited dimensions, so that this cannot overflow.
        long count = expectedShape.Aggregate(1L, (x, y) => x * y);
        if (RawData.Length != sizeof(float) * count)
        {
            throw new FormatException(
                Invariant($"tensor '{Name}' of shape {Text(Shape)} must have {sizeof(float) * count} bytes of data, got {RawData.Length}."));
        }

        var values = new float[count];
        ReadOnlySpan<byte> raw = RawData.Span;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(raw[(sizeof(float) * i)..]);
            if (!float.IsFinite(values[i]))
                throw new FormatException(Invariant($"tensor '{Name}' holds the value {values[i]} at position {i}."));
        }

        return values;
    }

    /// <summary>The values of a small tensor of integers: a shape, axes, or the sizes of a padding.</summary>
    /// <param name="maximumCount">The most values.</param>
    /// <exception cref="FormatException">It has another type, or more values.</exception>
    public long[] Integers(int maximumCount)
    {
        if (Type != ElementType.Int64)
            throw new FormatException($"tensor '{Name}' must hold 64-bit integers.");
        var values = new List<long>();
        if (!PackedIntegers.IsEmpty)
        {
            var packed = new ProtobufReader(PackedIntegers);
            while (values.Count <= maximumCount && packed.NextPacked(out long value))
                values.Add(value);
        }
        else
        {
            for (int i = 0; values.Count <= maximumCount && i + sizeof(long) <= RawData.Length; i += sizeof(long))
                values.Add(BinaryPrimitives.ReadInt64LittleEndian(RawData.Span[i..]));
        }

        return values.Count <= maximumCount ? [.. values] : throw new FormatException(Invariant($"tensor '{Name}' has more than {maximumCount} values."));
    }

    private static string Text(ImmutableArray<long> shape) => $"[{string.Join(", ", shape)}]";
}
