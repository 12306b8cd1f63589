using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>Represents the annotation with which the sampling stage requests balanced mini-batches from the trainer.</summary>
internal static class BalancedSamplingAnnotation
{
    private const string Kind = "BalancedSamplingSamplesPerLabel";

    /// <summary>Creates a schema in which the label columns of the taxonomy, if there are any, have the annotation.</summary>
    public static DataViewSchema Mark(DataViewSchema schema, Taxonomy taxonomy, int samplesPerLabel)
    {
        HashSet<string> labels = [.. taxonomy.Tasks.Select(task => task.Name)];
        var builder = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column column in schema)
        {
            DataViewSchema.Annotations annotations = column.Annotations;
            if (!column.IsHidden && labels.Contains(column.Name))
            {
                var marked = new DataViewSchema.Annotations.Builder();
                marked.Add(annotations, name => name != Kind);
                marked.Add(Kind, NumberDataViewType.Int32, (ref int value) => value = samplesPerLabel);
                annotations = marked.ToAnnotations();
            }

            builder.AddColumn(column.Name, column.Type, annotations);
        }

        return builder.ToSchema();
    }

    /// <summary>Creates a label column with the kinds and types of its annotations, without values, for the output schema of an estimator.</summary>
    public static DataViewSchema.DetachedColumn Marked(string name, KeyDataViewType type)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            Columns.AnnotationKinds.KeyValues, new VectorDataViewType(TextDataViewType.Instance, (int)type.Count),
            (ref VBuffer<ReadOnlyMemory<char>> _) => { });
        annotations.Add(Kind, NumberDataViewType.Int32, (ref int _) => { });
        return new DataViewSchema.DetachedColumn(name, type, annotations.ToAnnotations());
    }

    /// <summary>Reads the annotation.</summary>
    /// <returns>The number of samples per label; null if no column has the annotation.</returns>
    /// <exception cref="InvalidOperationException">Some columns do not have the annotation, or its values differ.</exception>
    public static int? Read(IEnumerable<DataViewSchema.Column> labelColumns)
    {
        (string Name, int? Samples)[] marks = [.. labelColumns.Select(column => (column.Name, Read(column)))];
        if (marks.DistinctBy(mark => mark.Samples).Count() > 1)
        {
            throw new InvalidOperationException(
                "Balanced sampling is requested differently in the label columns: " +
                string.Join(", ", marks.Select(mark => $"{mark.Name}: {mark.Samples?.ToString(CultureInfo.InvariantCulture) ?? "none"}")) + ".");
        }

        return marks[0].Samples;
    }

    private static int? Read(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(Kind) is null)
            return null;
        int samples = 0;
        column.Annotations.GetValue(Kind, ref samples);
        return samples;
    }
}
