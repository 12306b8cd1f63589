using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Identifies the columns of the image and of its path in the schema of LoadImages, and decodes the images.</summary>
internal sealed class LoadedImageColumn
{
    private readonly DataViewSchema.Column _image;
    private readonly Func<string, MLImage> _load;

    public LoadedImageColumn(DataViewSchema loaded, string imageColumn, string pathColumn, Func<string, MLImage> load)
    {
        (_image, _load) = (loaded[imageColumn], load);
        // Both columns may have the same name; the image then hides the path.
        Path = loaded.Last(column => column.Name == pathColumn && column.Index != _image.Index);
    }

    public DataViewSchema.Column Path { get; }

    public bool IsImage(DataViewSchema.Column column) => column.Index == _image.Index;

    /// <summary>Gets the columns that must be active to read the specified columns.</summary>
    public IEnumerable<DataViewSchema.Column> WithPath(DataViewSchema.Column[] columns) =>
        columns.Any(IsImage) && columns.All(column => column.Index != Path.Index) ? columns.Append(Path) : columns;

    /// <summary>Creates a getter that decodes the image when it is called.</summary>
    public ValueGetter<MLImage> Getter(DataViewRow row)
    {
        ValueGetter<ReadOnlyMemory<char>> pathGetter = row.GetGetter<ReadOnlyMemory<char>>(Path);
        ReadOnlyMemory<char> path = default;
        return (ref MLImage image) =>
        {
            image?.Dispose();
            image = null!;
            pathGetter(ref path);
            if (!path.IsEmpty)
                image = _load(path.ToString());
        };
    }
}

/// <summary>Represents the data view of ML.NET's LoadImages with another decoder.</summary>
/// <remarks>
/// The view wraps that of LoadImages, which defines the schema. If the input has no cursor set, the wrapped view divides the rows of
/// one cursor among threads, for which ML.NET has no public API. Its images are never requested, so that it reads no file.
/// </remarks>
internal sealed class LoadedImages(IDataView loaded, LoadedImageColumn image) : IDataView
{
    public bool CanShuffle => loaded.CanShuffle;

    public DataViewSchema Schema => loaded.Schema;

    public long? GetRowCount() => loaded.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        Wrap(loaded.GetRowCursor(image.WithPath([.. columnsNeeded]), rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        Array.ConvertAll(loaded.GetRowCursorSet(image.WithPath([.. columnsNeeded]), n, rand), Wrap);

    private DataViewRowCursor Wrap(DataViewRowCursor cursor) => new WrappedCursor(cursor, new Row(cursor, image));

    /// <summary>Maps single rows in the same way.</summary>
    internal sealed class Mapper(IRowToRowMapper loading, LoadedImageColumn image) : IRowToRowMapper
    {
        public DataViewSchema InputSchema => loading.InputSchema;

        public DataViewSchema OutputSchema => loading.OutputSchema;

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
            loading.GetDependencies(dependingColumns);

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
            new Row(loading.GetRow(input, image.WithPath([.. activeColumns])), image);
    }

    private sealed class Row(DataViewRow source, LoadedImageColumn image) : WrappedRow(source)
    {
        private readonly DataViewRow _source = source;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!image.IsImage(column) || !IsColumnActive(column))
                return base.GetGetter<TValue>(column);
            return image.Getter(_source) as ValueGetter<TValue>
                ?? throw new InvalidOperationException(
                    $"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");
        }
    }
}
