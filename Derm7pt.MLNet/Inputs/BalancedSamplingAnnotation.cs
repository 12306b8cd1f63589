using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Inputs;

/// <summary>The annotation by which the sampling stage tells the trainer how to draw mini-batches.</summary>
internal static class BalancedSamplingAnnotation
{
    private const string Kind = "BalancedSamplingSamplesPerLabel";

    /// <summary>The same schema with the label columns of the taxonomy, where there are any, marked.</summary>
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

    /// <summary>A marked label column, as an estimator promises it: kinds and types of its annotations, without values.</summary>
    public static DataViewSchema.DetachedColumn Marked(string name, KeyDataViewType type)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            Columns.AnnotationKinds.KeyValues, new VectorDataViewType(TextDataViewType.Instance, (int)type.Count),
            (ref VBuffer<ReadOnlyMemory<char>> _) => { });
        annotations.Add(Kind, NumberDataViewType.Int32, (ref int _) => { });
        return new DataViewSchema.DetachedColumn(name, type, annotations.ToAnnotations());
    }

    /// <summary>Reads the mark.</summary>
    /// <returns>The samples a label; null if no column is marked.</returns>
    /// <exception cref="InvalidOperationException">Some columns are marked and some are not, or not alike.</exception>
    public static int? Read(IEnumerable<DataViewSchema.Column> labelColumns)
    {
        (string Name, int? Samples)[] marks = [.. labelColumns.Select(column => (column.Name, Read(column)))];
        if (marks.DistinctBy(mark => mark.Samples).Count() > 1)
        {
            throw new InvalidOperationException(
                "Balanced sampling is asked for differently in the label columns: " +
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
