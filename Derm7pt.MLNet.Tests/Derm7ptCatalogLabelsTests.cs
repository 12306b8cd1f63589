using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

/// <summary>Labels that users supply as text, and the handling of texts that the taxonomy does not list.</summary>
[TestClass]
public sealed class Derm7ptCatalogLabelsTests
{
    private static TinyRun Run => TinyRun.Shared;

    private static IReadOnlyList<ClassificationTask> Tasks => Taxonomy.Derm7pt.Tasks;

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void MapDerm7ptLabels_RawValuesInAnyLetterCase_GiveTheKeysOfTheRelease(bool columnsOfTheRelease)
    {
        IDataView texts = Texts(
            Run.Release.All, task => columnsOfTheRelease ? task.Column : task.Name,
            (task, row) => $"  {Raw(Run.Release.All, task)[row].ToUpperInvariant()} ");

        IDataView mapped = Run.Ml.Data.MapDerm7ptLabels(texts);

        AssertKeysOfTheRelease(mapped);
        Assert.AreEqual(columnsOfTheRelease, mapped.Schema.GetColumnOrNull("pigment_network") is not null);
        CollectionAssert.AreEqual(Paths(Run.Release.All), Paths(mapped));
    }

    [TestMethod]
    public void MapDerm7ptLabels_NamesOfLabels_GiveTheirKeys()
    {
        IDataView texts = Texts(Run.Release.All, task => task.Name, (task, row) => Names(Run.Release.All, task)[row]);

        AssertKeysOfTheRelease(Run.Ml.Data.MapDerm7ptLabels(texts));
    }

    [TestMethod]
    public void MapDerm7ptLabels_ManyCursors_GiveTheSameRows()
    {
        IDataView mapped = Run.Ml.Data.MapDerm7ptLabels(
            Texts(Run.Release.All, task => task.Name, (task, row) => Raw(Run.Release.All, task)[row]));
        DataViewSchema.Column[] columns = [mapped.Schema["Streaks"], mapped.Schema["ImagePath"]];

        var found = new Dictionary<string, uint>();
        foreach (DataViewRowCursor cursor in mapped.GetRowCursorSet(columns, 4))
        {
            using (cursor)
            {
                ValueGetter<uint> key = cursor.GetGetter<uint>(columns[0]);
                ValueGetter<ReadOnlyMemory<char>> path = cursor.GetGetter<ReadOnlyMemory<char>>(columns[1]);
                while (cursor.MoveNext())
                {
                    (uint k, ReadOnlyMemory<char> p) = (0, default);
                    key(ref k);
                    path(ref p);
                    found.Add(p.ToString(), k);
                }
            }
        }

        CollectionAssert.AreEqual(
            Run.Release.All.GetColumn<uint>("Streaks").ToArray(), Paths(Run.Release.All).Select(path => found[path]).ToArray());
    }

    [TestMethod]
    public void MapDerm7ptLabels_UnknownTexts_NamesColumnRowsTextAndWhatIsAccepted()
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => Run.Ml.Data.MapDerm7ptLabels(WithUnknownTexts())).Message;

        StringAssert.Contains(message, "taxonomy 'derm7pt'");
        StringAssert.Contains(
            message, "\n- column 'Diagnosis', in 2 rows, the first of them row 3: unknown label 'naevus'; expected 'nevus' perhaps, or another of ");
        StringAssert.Contains(
            message, "\n- column 'Streaks', in row 5: unknown label 'wavy'; expected one of 'absent', 'regular', 'irregular'.");
    }

    [TestMethod]
    public void MapDerm7ptLabels_UnknownTextsReported_AreMissing()
    {
        var reports = new List<string>();

        IDataView mapped = Run.Ml.Data.MapDerm7ptLabels(WithUnknownTexts(), onUnknownLabel: reports.Add);

        Assert.HasCount(2, reports);
        StringAssert.StartsWith(reports[0], "column 'Diagnosis', in 2 rows, the first of them row 3: unknown label 'naevus'");
        uint[] keys = [.. mapped.GetColumn<uint>("Diagnosis")];
        CollectionAssert.AreEqual(new[] { 3, 4 }, Enumerable.Range(0, keys.Length).Where(row => keys[row] == 0).ToArray());
    }

    [TestMethod]
    public void MapDerm7ptLabels_EmptyTexts_AreMissingWithoutAReport()
    {
        IDataView mapped = Run.Ml.Data.MapDerm7ptLabels(
            Texts(Run.Release.All, task => task.Name, (task, row) => row % 2 == 0 ? " " : Names(Run.Release.All, task)[row]));

        uint[] keys = [.. mapped.GetColumn<uint>("Pigmentation")];
        Assert.IsTrue(keys.Index().All(key => (key.Item == 0) == (key.Index % 2 == 0)));
    }

    [TestMethod]
    public void MapDerm7ptLabels_KeyColumnsAlready_StayAsTheyAre() =>
        Assert.AreSame(Run.Release.All, Run.Ml.Data.MapDerm7ptLabels(Run.Release.All));

    [TestMethod]
    public void MapDerm7ptLabels_ColumnsMissingOrOfAnotherType_NamesAll()
    {
        IDataView data = new ColumnarDataView.Builder(1).AddSingle("Diagnosis", [1]).AddText("pigment_network", ["absent"]).Build();

        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run.Ml.Data.MapDerm7ptLabels(data)).Message;

        StringAssert.Contains(message, "Schema mismatch for label column 'Diagnosis': expected texts or Key<UInt32, 0-4>, got Single.");
        StringAssert.Contains(message, "Could not find label column 'Streaks' or 'streaks'.");
        Assert.DoesNotContain("PigmentNetwork", message);
    }

    [TestMethod]
    public void Fit_MappedTexts_TrainsTheModelOfTheKeys()
    {
        IDataView mapped = Run.Ml.Data.MapDerm7ptLabels(
            Texts(Run.Release.Train, task => task.Name, (task, row) => Raw(Run.Release.Train, task)[row]));

        using Derm7ptMultiTaskTransformer own = Run.Pipeline(Run.Options).Fit(mapped).LastTransformer;

        CollectionAssert.AreEqual(
            Run.Model.LastTransformer.History.Epochs.Select(epoch => epoch.TrainingLoss).ToArray(),
            own.History.Epochs.Select(epoch => epoch.TrainingLoss).ToArray());
    }

    [TestMethod]
    public void Fit_TextLabels_AdvisesToMapThem()
    {
        IDataView texts = Texts(Run.Release.Train, task => task.Name, (task, row) => Raw(Run.Release.Train, task)[row]);

        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run.Pipeline(Run.Options).Fit(texts));

        StringAssert.Contains(e.Message, "MapDerm7ptLabels turns texts into keys.");
    }

    [TestMethod]
    public void Fit_TextsThatMapValueToKeyLost_AreNamed()
    {
        IDataView lost = MapValueToKey(WithUnknownTexts());

        var training = Assert.ThrowsExactly<InvalidDataException>(() => Run.Pipeline(Run.Options).Fit(lost));
        var validation = Assert.ThrowsExactly<InvalidDataException>(
            () => Run.Pipeline(Run.Options.With(data: d => new DataOptions(d) { ValidationSet = Run.Images.Transform(lost) })).Fit(Run.Release.Train));
        var sampling = Assert.ThrowsExactly<InvalidDataException>(() => Run.Ml.Data.Derm7ptBalancedRows(lost, 1));
        var evaluation = Assert.ThrowsExactly<InvalidDataException>(
            () => Run.Ml.MulticlassClassification.EvaluateDerm7pt(Run.Model.Transform(lost)));

        StringAssert.StartsWith(training.Message, "The training data has texts");
        StringAssert.StartsWith(validation.Message, "The validation set has texts");
        StringAssert.StartsWith(sampling.Message, "The data to sample has texts");
        StringAssert.StartsWith(evaluation.Message, "The data to evaluate has texts");
        foreach (InvalidDataException e in new[] { training, validation, sampling, evaluation })
        {
            StringAssert.Contains(e.Message, "column 'Diagnosis', in 2 rows, the first of them row 3: unknown label 'naevus'");
            StringAssert.Contains(e.Message, "column 'Streaks', in row 5: unknown label 'wavy'");
            StringAssert.Contains(e.Message, "MapDerm7ptLabels");
        }
    }

    [TestMethod]
    public void Fit_NamesAndEmptyTextsMappedByMapValueToKey_Trains()
    {
        IDataView data = MapValueToKey(Texts(
            Run.Release.Train, task => task.Name, (task, row) => task.Name == "Streaks" && row == 2 ? "" : Names(Run.Release.Train, task)[row]));

        using Derm7ptMultiTaskTransformer model = Run.Pipeline(Run.Options).Fit(data).LastTransformer;

        Assert.HasCount(2, model.History.Epochs);
    }

    [TestMethod]
    public void Fit_NoRows_SaysWhichDataHaveNone()
    {
        IDataView none = Run.Ml.Data.FilterRowsByColumn(Run.Release.Train, "StoredSevenPointScore", 99, 100);

        string training = Assert.ThrowsExactly<InvalidOperationException>(() => Run.Pipeline(Run.Options).Fit(none)).Message;
        string validation = Assert.ThrowsExactly<InvalidOperationException>(
            () => Run.Pipeline(Run.Options.With(data: d => new DataOptions(d) { ValidationSet = Run.Images.Transform(none) })).Fit(Run.Release.Train)).Message;
        string sampling = Assert.ThrowsExactly<InvalidOperationException>(() => Run.Ml.Data.Derm7ptBalancedRows(none)).Message;

        Assert.AreEqual("The training data has no rows.", training);
        Assert.AreEqual("The validation set has no rows.", validation);
        Assert.AreEqual("The data to sample has no rows.", sampling);
    }

    private static IDataView WithUnknownTexts() => Texts(
        Run.Release.Train, task => task.Name, (task, row) => (task.Name, row) switch
        {
            ("Diagnosis", 3 or 4) => "naevus",
            ("Streaks", 5) => "wavy",
            _ => Names(Run.Release.Train, task)[row],
        });

    /// <summary>A row of a user's own table: the path of an image, and texts for labels.</summary>
    private static ColumnarDataView Texts(IDataView release, Func<ClassificationTask, string> column, Func<ClassificationTask, int, string> text)
    {
        string[] paths = Paths(release);
        ColumnarDataView.Builder view = new ColumnarDataView.Builder(paths.Length).AddText("ImagePath", paths);
        foreach (ClassificationTask task in Tasks)
            view.AddText(column(task), [.. Enumerable.Range(0, paths.Length).Select(row => text(task, row))]);
        return view.Build();
    }

    // This is the way that ML.NET's documentation shows.
    private static IDataView MapValueToKey(IDataView texts)
    {
        foreach (ClassificationTask task in Tasks)
        {
            IDataView keyData = new ColumnarDataView.Builder(task.Labels.Count).AddText("Label", [.. task.Labels.Select(l => l.Name)]).Build();
            texts = Run.Ml.Transforms.Conversion.MapValueToKey(task.Name, keyData: keyData).Fit(texts).Transform(texts);
        }

        return texts;
    }

    private static void AssertKeysOfTheRelease(IDataView mapped)
    {
        foreach (ClassificationTask task in Tasks)
        {
            Assert.AreEqual(Run.Release.All.Schema[task.Name].Type, mapped.Schema[task.Name].Type);
            Assert.IsNull(LabelColumns.Mismatch(mapped.Schema[task.Name], task));
            CollectionAssert.AreEqual(
                Run.Release.All.GetColumn<uint>(task.Name).ToArray(), mapped.GetColumn<uint>(task.Name).ToArray(), task.Name);
        }
    }

    private static string[] Paths(IDataView data) => [.. data.GetColumn<string>("ImagePath")];

    private static string[] Raw(IDataView release, ClassificationTask task) => [.. release.GetColumn<string>($"{task.Name}Raw")];

    private static string[] Names(IDataView release, ClassificationTask task) =>
        [.. release.GetColumn<uint>(task.Name).Select(key => task.Labels[(int)key - 1].Name)];
}
