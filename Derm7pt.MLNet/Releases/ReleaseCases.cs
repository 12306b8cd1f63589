using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Inputs;

namespace Derm7pt.MLNet.Releases;

/// <summary>The values of a release's table under the schema's columns and the taxonomy's tasks.</summary>
internal sealed class ReleaseCases
{
    private readonly ReleaseSchema _schema;
    private readonly Taxonomy _taxonomy;
    private readonly int[] _taskOfColumn;

    /// <param name="schema">The columns.</param>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="taskOfColumn">For each column the task that reads it, or -1.</param>
    /// <param name="count">The number of cases.</param>
    public ReleaseCases(ReleaseSchema schema, Taxonomy taxonomy, int[] taskOfColumn, int count)
    {
        (_schema, _taxonomy, _taskOfColumn, Count) = (schema, taxonomy, taskOfColumn, count);
        Texts = [.. schema.Columns.Select(_ => Enumerable.Repeat("", count).ToArray())];
        Keys = [.. taxonomy.Tasks.Select(_ => new uint[count])];
        StoredScores = [.. Enumerable.Repeat(float.NaN, count)];
    }

    public int Count { get; }

    /// <summary>For each column of the schema the text of each case; for images, once they are found, full paths.</summary>
    public string[][] Texts { get; }

    /// <summary>For each task the label of each case as a key: 1 is label 0, and 0 means that there is none.</summary>
    public uint[][] Keys { get; }

    /// <summary>The stored seven-point scores, NaN if there is none.</summary>
    public float[] StoredScores { get; }

    /// <summary>The zero-based labels of a case in task order; -1 if there is none.</summary>
    public int[] Labels(int row) => [.. Keys.Select(keys => (int)keys[row] - 1)];

    public int CountLabel(int task, int label, IEnumerable<int> rows) => rows.Count(row => Keys[task][row] == label + 1);

    public ColumnarDataView ToDataView()
    {
        // The most important columns come first: images, case, labels.
        var view = new ColumnarDataView.Builder(Count);
        AddTexts(ReleaseColumnRole.DermoscopicImage);
        AddTexts(ReleaseColumnRole.ClinicalImage);
        AddTexts(ReleaseColumnRole.CaseNumber);
        for (int t = 0; t < Keys.Length; t++)
        {
            ClassificationTask task = _taxonomy.Tasks[t];
            view.AddKey(ColumnNames.Label(task), Keys[t], [.. task.Labels.Select(label => label.Name)]);
        }

        view.AddSingle(_schema.Column(ReleaseColumnRole.SevenPointScore).Output!, StoredScores);
        for (int t = 0; t < Keys.Length; t++)
            view.AddText(ColumnNames.RawValue(_taxonomy.Tasks[t]), Texts[Array.IndexOf(_taskOfColumn, t)]);
        AddTexts(ReleaseColumnRole.Metadata);
        return view.Build();

        void AddTexts(ReleaseColumnRole role)
        {
            for (int column = 0; column < Texts.Length; column++)
            {
                // A column that a task reads is there already, as a label.
                if (_schema.Columns[column].Role == role && _taskOfColumn[column] < 0)
                    view.AddText(_schema.Columns[column].Output!, Texts[column]);
            }
        }
    }
}
