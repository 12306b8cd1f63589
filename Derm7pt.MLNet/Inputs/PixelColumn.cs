using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Derm7pt.MLNet.Inputs;

/// <summary>
/// Represents the column of pixels: images of known size, or vectors of 3·H·W values from ExtractPixels.
/// </summary>
/// <remarks>Pixels are planar RGB: 3 planes of H rows of W values, as bytes in [0, 255] or as numbers in [0, 1].</remarks>
internal sealed class PixelColumn
{
    /// <summary>The factor from bytes to numbers in [0, 1]. ExtractPixels multiplies by the same factor, so that the results are equal.</summary>
    public const float Scale = 1f / 255f;

    public const int Channels = 3;

    private const string NoImages =
        " Add LoadImages and ResizeImages before this stage. If they are there: ML.NET's cache (AppendCacheCheckpoint, mlContext.Data.Cache) " +
        "leaves image columns out. Put it before LoadImages or after ExtractPixels, or omit it: training decodes every image once and holds it.";

    private PixelColumn(DataViewSchema.Column column, int height, int width, bool isImage) =>
        (Column, Height, Width, IsImage) = (column, height, width, isImage);

    public DataViewSchema.Column Column { get; }

    public int Height { get; }

    public int Width { get; }

    public bool IsImage { get; }

    /// <summary>The number of values of an image: 3·H·W.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>Finds the column and checks its type.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="role">The name of the data in the message, by their purpose.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column does not exist, or its type is not a type of pixels.</exception>
    public static PixelColumn Bind(DataViewSchema schema, string name, string role = "input")
    {
        if (schema.GetColumnOrNull(name) is not { } column)
        {
            throw new ArgumentOutOfRangeException(
                nameof(name), name,
                $"Could not find image column '{name}'. The {role} has {string.Join(", ", schema.Where(c => !c.IsHidden).Select(c => c.Name))}." +
                (schema.Any(column => column.Type is ImageDataViewType) ? "" : NoImages));
        }

        return column.Type switch
        {
            ImageDataViewType { Height: > 0, Width: > 0 } image => new PixelColumn(column, image.Height, image.Width, isImage: true),
            ImageDataViewType => throw Mismatch(name, column, "The size of its images is not known: add ResizeImages before this stage."),
            VectorDataViewType { ItemType: NumberDataViewType { RawType: var raw } } vector when raw == typeof(float) =>
                BindVector(column, vector),
            _ => throw Mismatch(name, column, "Add LoadImages and ResizeImages before this stage."),
        };
    }

    /// <summary>Opens the column of a row or cursor for reading.</summary>
    /// <param name="row">The row or cursor.</param>
    /// <param name="data">The data of the cursor, used to identify an image that cannot be read; null for a single row.</param>
    public PixelReader Open(DataViewRow row, IDataView? data = null)
    {
        PixelReader reader = IsImage ? new ImageReader(this, row) : new VectorReader(this, row);
        return data is null ? reader : new TellingReader(this, reader, row, data);
    }

    private static PixelColumn BindVector(DataViewSchema.Column column, VectorDataViewType vector)
    {
        if (vector.Dimensions is [Channels, > 0 and int height, > 0 and int width])
            return new PixelColumn(column, height, width, isImage: false);

        // A vector without dimensions is interpreted as a square image.
        int side = (int)Math.Sqrt(vector.Size / (double)Channels);
        if (vector.Size > 0 && vector.Dimensions.Length == 1 && Channels * side * side == vector.Size)
            return new PixelColumn(column, side, side, isImage: false);
        throw Mismatch(column.Name, column, "ExtractPixels(interleavePixelColors: false, scaleImage: 1/255f) gives such a vector.");
    }

    private static ArgumentOutOfRangeException Mismatch(string name, DataViewSchema.Column column, string advice) =>
        new(nameof(name), name,
            $"Schema mismatch for image column '{name}': expected an image of known size or a vector of Single with dimensions " +
            $"(3, height, width), got {column.Type}. {advice}");

    /// <summary>Reads pixels and identifies the image if it cannot be read.</summary>
    private sealed class TellingReader(PixelColumn column, PixelReader reader, DataViewRow row, IDataView data) : PixelReader
    {
        private readonly ValueGetter<DataViewRowId> _id = row.GetIdGetter();

        public override void Read(Span<byte> planar)
        {
            try
            {
                reader.Read(planar);
            }
            catch (Exception e)
            {
                throw Describe(e);
            }
        }

        public override void Read(Span<float> planar)
        {
            try
            {
                reader.Read(planar);
            }
            catch (Exception e)
            {
                throw Describe(e);
            }
        }

        public override void Dispose() => reader.Dispose();

        private InvalidDataException Describe(Exception e)
        {
            DataViewRowId id = default;
            _id(ref id);
            return UnreadableImage.Describe(data, column, id, e);
        }
    }

    private sealed class ImageReader(PixelColumn column, DataViewRow row) : PixelReader
    {
        private readonly ValueGetter<MLImage> _getter = row.GetGetter<MLImage>(row.Schema[column.Column.Index]);
        private MLImage? _image;

        public override void Read(Span<byte> planar)
        {
            ReadOnlySpan<uint> pixels = Load(out ReadOnlySpan<int> shifts);
            for (int channel = 0; channel < Channels; channel++)
                PixelPlanes.Extract(pixels, shifts[channel], planar.Slice(channel * pixels.Length, pixels.Length));
        }

        public override void Read(Span<float> planar)
        {
            ReadOnlySpan<uint> pixels = Load(out ReadOnlySpan<int> shifts);
            for (int channel = 0; channel < Channels; channel++)
                PixelPlanes.Extract(pixels, shifts[channel], Scale, planar.Slice(channel * pixels.Length, pixels.Length));
        }

        public override void Dispose() => _image?.Dispose();

        /// <param name="shifts">The bit offsets of red, green and blue within a pixel.</param>
        private ReadOnlySpan<uint> Load(out ReadOnlySpan<int> shifts)
        {
            DisposedImage.Read(_getter, ref _image!);
            if (_image is null)
                throw new InvalidDataException("There is no image.");
            if (_image.Height != column.Height || _image.Width != column.Width)
            {
                throw new InvalidDataException(
                    Invariant($"It holds an image of {_image.Width}×{_image.Height} pixels, ") +
                    Invariant($"expected {column.Width}×{column.Height}."));
            }

            shifts = _image.PixelFormat switch
            {
                MLPixelFormat.Bgra32 => [16, 8, 0],
                MLPixelFormat.Rgba32 => [0, 8, 16],
                var other => throw new InvalidDataException(
                    $"It holds an image in pixel format {other}, expected Bgra32 or Rgba32."),
            };
            return MemoryMarshal.Cast<byte, uint>(_image.Pixels);
        }
    }

    private sealed class VectorReader(PixelColumn column, DataViewRow row) : PixelReader
    {
        private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(row.Schema[column.Column.Index]);
        private VBuffer<float> _values;

        public override void Dispose()
        {
        }

        public override void Read(Span<byte> planar)
        {
            var values = new float[planar.Length];
            Read(values);
            for (int i = 0; i < values.Length; i++)
                planar[i] = (byte)MathF.Round(values[i] * 255f);
        }

        public override void Read(Span<float> planar)
        {
            DisposedImage.Read(_getter, ref _values);
            if (_values.Length != column.Length)
            {
                throw new InvalidDataException(
                    $"It holds {_values.Length} values, expected {column.Length}.");
            }

            if (!_values.IsDense)
                _values.CopyTo(planar);
            if (!CopyIfInRange(_values.IsDense ? _values.GetValues() : planar, planar))
                throw OutOfRange(planar);
        }

        // The values are checked and copied in one pass, because an image does not fit into the lower-level caches.
        private static bool CopyIfInRange(ReadOnlySpan<float> values, Span<float> target)
        {
            int i = 0;
            Vector<int> allInRange = Vector<int>.AllBitsSet;
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var some = new Vector<float>(values[i..]);
                allInRange &= Vector.GreaterThanOrEqual(some, Vector<float>.Zero) & Vector.LessThanOrEqual(some, Vector<float>.One);
                some.CopyTo(target[i..]);
            }

            bool inRange = allInRange == Vector<int>.AllBitsSet;
            for (; i < values.Length; i++)
            {
                inRange &= values[i] is >= 0 and <= 1;
                target[i] = values[i];
            }

            return inRange;
        }

        private static InvalidDataException OutOfRange(ReadOnlySpan<float> values)
        {
            int first = 0;
            while (values[first] is >= 0 and <= 1)
                first++;
            return new InvalidDataException(
                Invariant($"It holds the value {values[first]}, expected pixels in [0, 1]: ExtractPixels(scaleImage: 1/255f) gives them."));
        }
    }
}

/// <summary>Reads the pixels of the current row of a cursor. It is not thread-safe; use one reader per cursor.</summary>
internal abstract class PixelReader : IDisposable
{
    /// <summary>Reads planar RGB bytes, 0 to 255.</summary>
    public abstract void Read(Span<byte> planar);

    /// <summary>Reads planar RGB values in [0, 1].</summary>
    public abstract void Read(Span<float> planar);

    public abstract void Dispose();
}
