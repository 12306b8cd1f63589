using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Tests.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Columns;

[TestClass]
public sealed class OutputLayoutTests
{
    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, true)]
    public void Create_AnyTaxonomy_EqualsTheColumnsOfALoadedModel(bool binary, bool inputHasScores)
    {
        var fixture = new Fixture(binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt);
        IDataView input = fixture.Data.View(fixture.Ml, asImages: false, "Picture");
        if (inputHasScores)
        {
            // The data are scored twice, under other names: the score set ids from 1 on are in use, also by hidden columns.
            input = fixture.SaveAndLoad(input, "Picture").Transform(input);
            input = fixture.Ml.Transforms.CopyColumns("Earlier", "StreaksScore").Fit(input).Transform(input);
            input = fixture.Ml.Transforms.CopyColumns("RegressionStructuresScore", "Case").Fit(input).Transform(input);
            input = fixture.Ml.Transforms.CopyColumns("RegressionStructuresPredictedLabel", "Case").Fit(input).Transform(input);
        }

        DataViewSchema loaded = fixture.SaveAndLoad(input, "Picture").Transform(input).Schema;
        // The column that contains the taxonomy is hidden by another one.
        OutputLayout layout = fixture.Model.Outputs;
        DataViewSchema.DetachedColumn[] expected =
            [.. layout.ToColumns(input.Schema).Zip(layout.Columns).Where(pair => layout.Visible.Contains(pair.Second)).Select(pair => pair.First)];

        // 3 columns per task; the gates, the seven-point score and the melanoma probability.
        Assert.HasCount(3 * 8 + 3, expected);
        string[] names = [.. expected.Select(column => column.Name)];
        DataViewSchema.Column[] visible = [.. loaded.Where(column => !column.IsHidden)];
        CollectionAssert.AreEqual(names, visible[^names.Length..].Select(column => column.Name).ToArray());
        CollectionAssert.AreEqual(
            input.Schema.Where(column => !column.IsHidden && !names.Contains(column.Name)).Select(column => column.Name).ToArray(),
            visible[..^names.Length].Select(column => column.Name).ToArray());
        foreach (DataViewSchema.DetachedColumn column in expected)
        {
            Assert.AreEqual(loaded[column.Name].Type, column.Type, column.Name);
            CollectionAssert.AreEqual(Describe(loaded[column.Name].Annotations), Describe(column.Annotations), column.Name);
        }
    }

    [TestMethod]
    public void Create_NoScoresInTheInput_NumbersTheSetsFromOne()
    {
        DataViewSchema.DetachedColumn[] columns =
            [.. OutputLayout.Create(Taxonomy.Derm7pt, gateChannels: [1]).ToColumns(new DataViewSchema.Builder().ToSchema())];

        CollectionAssert.Contains(Describe(columns[0].Annotations), "ScoreColumnSetId: Key<UInt32, 0-2147483646> = 1");
        CollectionAssert.Contains(Describe(columns[1].Annotations), "ScoreColumnSetId: Key<UInt32, 0-2147483646> = 1");
        CollectionAssert.Contains(Describe(columns[3].Annotations), "ScoreColumnSetId: Key<UInt32, 0-2147483646> = 2");
    }

    private static string[] Describe(DataViewSchema.Annotations? annotations) =>
        annotations is null ? [] : [.. annotations.Schema.Select(a => $"{a.Name}: {a.Type} = {Value(annotations, a)}")];

    private static string Value(DataViewSchema.Annotations annotations, DataViewSchema.Column kind)
    {
        switch (kind.Type)
        {
            case TextDataViewType:
                ReadOnlyMemory<char> text = default;
                annotations.GetValue(kind.Name, ref text);
                return text.ToString();
            case KeyDataViewType:
                uint key = 0;
                annotations.GetValue(kind.Name, ref key);
                return $"{key}";
            default:
                VBuffer<ReadOnlyMemory<char>> texts = default;
                annotations.GetValue(kind.Name, ref texts);
                return string.Join('|', texts.DenseValues());
        }
    }
}
