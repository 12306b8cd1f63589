using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

/// <summary>Compares columns, including every annotation and its values.</summary>
internal static class SchemaAssert
{
    public static void AnnotationsEqual(DataViewSchema.Column expected, DataViewSchema.Column actual)
    {
        Assert.AreEqual(Describe(expected), Describe(actual), expected.Name);
    }

    private static string Describe(DataViewSchema.Column column) =>
        string.Join('\n', column.Annotations.Schema.OrderBy(a => a.Name).Select(a => $"{a.Name}: {a.Type} = {Value(column.Annotations, a)}"));

    private static string Value(DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        switch (annotation.Type)
        {
            case VectorDataViewType:
                VBuffer<ReadOnlyMemory<char>> names = default;
                annotations.GetValue(annotation.Name, ref names);
                return string.Join(", ", names.DenseValues());
            case TextDataViewType:
                ReadOnlyMemory<char> text = default;
                annotations.GetValue(annotation.Name, ref text);
                return text.ToString();
            default:
                uint number = 0;
                annotations.GetValue(annotation.Name, ref number);
                return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
