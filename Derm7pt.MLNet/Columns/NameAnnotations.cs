using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Columns;

/// <summary>Annotations that are lists of names: what keys or slots mean.</summary>
internal static class NameAnnotations
{
    /// <summary>Annotations of a key column: its key values, the first of which is the meaning of key 1.</summary>
    public static DataViewSchema.Annotations OfKeys(IEnumerable<string> keyValues)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        Add(annotations, AnnotationKinds.KeyValues, keyValues);
        return annotations.ToAnnotations();
    }

    /// <summary>Adds one such annotation.</summary>
    public static void Add(DataViewSchema.Annotations.Builder annotations, string kind, IEnumerable<string> values)
    {
        ReadOnlyMemory<char>[] names = [.. values.Select(value => value.AsMemory())];
        annotations.Add(
            kind,
            new VectorDataViewType(TextDataViewType.Instance, names.Length),
            // Into the buffer of the caller, who may write to it.
            (ref VBuffer<ReadOnlyMemory<char>> value) => new VBuffer<ReadOnlyMemory<char>>(names.Length, names).CopyTo(ref value));
    }
}
