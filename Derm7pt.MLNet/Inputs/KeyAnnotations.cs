using Derm7pt.MLNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>The annotation that gives keys their meaning.</summary>
internal static class KeyAnnotations
{
    /// <summary>Annotations with key values, the first of which is the meaning of key 1.</summary>
    public static DataViewSchema.Annotations Of(IEnumerable<string> keyValues)
    {
        ReadOnlyMemory<char>[] names = [.. keyValues.Select(value => value.AsMemory())];
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            AnnotationKinds.KeyValues,
            new VectorDataViewType(TextDataViewType.Instance, names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) =>
            {
                // Into the caller's buffer: handing out our own would let the caller write to it.
                VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, names.Length);
                names.CopyTo(editor.Values);
                value = editor.Commit();
            });
        return annotations.ToAnnotations();
    }
}
