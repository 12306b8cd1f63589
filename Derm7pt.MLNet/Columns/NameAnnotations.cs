using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Columns;

/// <summary>Creates annotations that are lists of names: key values and slot names.</summary>
internal static class NameAnnotations
{
    /// <summary>Creates the annotations of a key column from its key values, the first of which is the value of key 1.</summary>
    public static DataViewSchema.Annotations OfKeys(IEnumerable<string> keyValues)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        Add(annotations, AnnotationKinds.KeyValues, keyValues);
        return annotations.ToAnnotations();
    }

    /// <summary>Adds an annotation that is a list of names.</summary>
    public static void Add(DataViewSchema.Annotations.Builder annotations, string kind, IEnumerable<string> values)
    {
        ReadOnlyMemory<char>[] names = [.. values.Select(value => value.AsMemory())];
        annotations.Add(
            kind,
            new VectorDataViewType(TextDataViewType.Instance, names.Length),
            // The names are copied because the caller may write to its buffer.
            (ref VBuffer<ReadOnlyMemory<char>> value) => new VBuffer<ReadOnlyMemory<char>>(names.Length, names).CopyTo(ref value));
    }
}
