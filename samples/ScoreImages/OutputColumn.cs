using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ScoreImages;

/// <summary>A column of the model's output that is written to the results.</summary>
internal abstract class OutputColumn(DataViewSchema.Column column)
{
    private const string LabelSuffix = "PredictedLabelText";
    private const string ScoreSuffix = "Score";
    private static readonly string[] Numbers = ["SevenPointScore", "MelanomaProbability"];

    public DataViewSchema.Column Column => column;

    public string Name => column.Name;

    /// <summary>Gets the names of its columns in a table.</summary>
    public abstract IEnumerable<string> Header { get; }

    /// <summary>Opens the column of a row for reading.</summary>
    public abstract Func<OutputValue> Open(DataViewRow row);

    /// <summary>Finds predicted labels, scores by label, and the two numbers of the checklist; the tasks follow from the schema.</summary>
    /// <exception cref="ScoringException">There is no predicted label among the columns.</exception>
    public static IReadOnlyList<OutputColumn> Find(DataViewSchema schema)
    {
        List<OutputColumn> columns = [.. schema.Where(column => !column.IsHidden).Select(Create).OfType<OutputColumn>()];
        return columns.Any(column => column is TextColumn)
            ? columns
            : throw new ScoringException($"The model gives no predicted labels: no text column's name ends in '{LabelSuffix}'.");
    }

    private static OutputColumn? Create(DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType when column.Name.EndsWith(LabelSuffix, StringComparison.Ordinal) => new TextColumn(column),
        VectorDataViewType { ItemType: NumberDataViewType { RawType: var item } } when item == typeof(float)
            && column.Name.EndsWith(ScoreSuffix, StringComparison.Ordinal) && column.HasSlotNames() => new ScoresColumn(column),
        NumberDataViewType { RawType: var number } when number == typeof(float) && Numbers.Contains(column.Name) => new NumberColumn(column),
        _ => null,
    };

    private sealed class TextColumn(DataViewSchema.Column column) : OutputColumn(column)
    {
        public override IEnumerable<string> Header => [Name];

        public override Func<OutputValue> Open(DataViewRow row)
        {
            ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(Column);
            ReadOnlyMemory<char> value = default;
            return () =>
            {
                getter(ref value);
                return new OutputValue.Text(Name, value.ToString());
            };
        }
    }

    private sealed class NumberColumn(DataViewSchema.Column column) : OutputColumn(column)
    {
        public override IEnumerable<string> Header => [Name];

        public override Func<OutputValue> Open(DataViewRow row)
        {
            ValueGetter<float> getter = row.GetGetter<float>(Column);
            float value = 0;
            return () =>
            {
                getter(ref value);
                return new OutputValue.Number(Name, value);
            };
        }
    }

    private sealed class ScoresColumn(DataViewSchema.Column column) : OutputColumn(column)
    {
        private readonly string[] _labels = Labels(column);

        public override IEnumerable<string> Header => _labels.Select(label => $"{Name}.{label}");

        public override Func<OutputValue> Open(DataViewRow row)
        {
            ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(Column);
            VBuffer<float> value = default;
            return () =>
            {
                getter(ref value);
                return new OutputValue.Scores(Name, _labels, [.. value.DenseValues()]);
            };
        }

        private static string[] Labels(DataViewSchema.Column column)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.GetSlotNames(ref names);
            return [.. names.DenseValues().Select(name => name.ToString())];
        }
    }
}

/// <summary>The value of an output column for one image.</summary>
internal abstract record OutputValue(string Name)
{
    /// <summary>Gets the fields of a table's row.</summary>
    public abstract IEnumerable<string> Fields { get; }

    /// <summary>Writes a property.</summary>
    public abstract void Write(Utf8JsonWriter json);

    private static string Format(float value) => value.ToString(CultureInfo.InvariantCulture);

    internal sealed record Text(string Name, string Value) : OutputValue(Name)
    {
        public override IEnumerable<string> Fields => [Value];

        public override void Write(Utf8JsonWriter json) => json.WriteString(Name, Value);
    }

    internal sealed record Number(string Name, float Value) : OutputValue(Name)
    {
        public override IEnumerable<string> Fields => [Format(Value)];

        public override void Write(Utf8JsonWriter json) => json.WriteNumber(Name, Value);
    }

    internal sealed record Scores(string Name, IReadOnlyList<string> Labels, IReadOnlyList<float> Values) : OutputValue(Name)
    {
        public override IEnumerable<string> Fields => Values.Select(Format);

        public override void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject(Name);
            foreach ((string label, float value) in Labels.Zip(Values))
                json.WriteNumber(label, value);
            json.WriteEndObject();
        }
    }
}
