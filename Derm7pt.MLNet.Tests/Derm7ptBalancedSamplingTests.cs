using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public sealed class Derm7ptBalancedSamplingTests
{
    private static TinyRun Run => TinyRun.Shared;

    [TestMethod]
    public void Transform_Rows_PassThroughUntouched()
    {
        IDataView marked = Marked(Run.Release.Train);

        CollectionAssert.AreEqual(Run.Release.Train.Schema.Select(c => c.Name).ToArray(), marked.Schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(Run.Release.Train.GetColumn<string>("ImagePath").ToArray(), marked.GetColumn<string>("ImagePath").ToArray());
        CollectionAssert.AreEqual(Run.Release.Train.GetColumn<uint>("Streaks").ToArray(), marked.GetColumn<uint>("Streaks").ToArray());
        VBuffer<ReadOnlyMemory<char>> keyValues = default;
        marked.Schema["Streaks"].GetKeyValues(ref keyValues);
        Assert.AreEqual("absent, regular, irregular", string.Join(", ", keyValues.DenseValues()));
    }

    [TestMethod]
    public void Transform_NoLabelColumns_PassesThrough()
    {
        IDataView paths = Run.Ml.Transforms.SelectColumns("ImagePath").Fit(Run.Release.Test).Transform(Run.Release.Test);

        IDataView passed = Run.Ml.Transforms.Derm7ptBalancedSampling().Fit(Run.Release.Train).Transform(paths);

        CollectionAssert.AreEqual(paths.GetColumn<string>("ImagePath").ToArray(), passed.GetColumn<string>("ImagePath").ToArray());
    }

    [TestMethod]
    public void Fit_NoLabelColumns_NamesThem()
    {
        IDataView paths = Run.Ml.Transforms.SelectColumns("ImagePath").Fit(Run.Release.Test).Transform(Run.Release.Test);

        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run.Ml.Transforms.Derm7ptBalancedSampling().Fit(paths));

        StringAssert.Contains(e.Message, "Could not find label column 'RegressionStructures'.");
    }

    [TestMethod]
    public void GetOutputSchema_LabelColumns_PromisesTheMarkAndTheKeyValues()
    {
        SchemaShape? promised = null;
        new EstimatorChain<ITransformer>()
            .Append(Run.Ml.Transforms.Derm7ptBalancedSampling(2))
            .Append(new SpyEstimator(shape => promised = shape))
            .Fit(Run.Release.Train);
        IDataView delivered = Marked(Run.Release.Train);

        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
        {
            SchemaShape.Column column = promised!.Single(c => c.Name == task.Name);
            Assert.IsTrue(column.IsKey);
            CollectionAssert.AreEquivalent(
                delivered.Schema[task.Name].Annotations.Schema.Select(a => a.Name).ToArray(), column.Annotations.Select(a => a.Name).ToArray());
        }
    }

    [TestMethod]
    public void Save_AloneReloaded_PassesThrough()
    {
        using var file = new MemoryStream();
        Run.Ml.Model.Save(Run.Ml.Transforms.Derm7ptBalancedSampling(2).Fit(Run.Release.Train), Run.Release.Train.Schema, file);

        IDataView passed = new MLContext().Model.Load(file, out _).Transform(Run.Release.Test);

        CollectionAssert.AreEqual(
            Run.Release.Test.Schema.Select(c => $"{c.Name} {c.Type}").ToArray(), passed.Schema.Select(c => $"{c.Name} {c.Type}").ToArray());
    }

    [TestMethod]
    public void Fit_TrainerAfterwards_DrawsBatchesOfThatSize()
    {
        // A label without any case is an error of balanced sampling only, so the error shows whether the trainer used balanced sampling.
        IDataView noVeil = Run.Ml.Data.FilterByCustomPredicate<Row>(Run.Release.Train, row => row.BlueWhitishVeilRaw == "present");

        var e = Assert.ThrowsExactly<InvalidOperationException>(() => Run.Pipeline(Run.Options).Fit(noVeil));

        StringAssert.Contains(e.Message, "'present' of BlueWhitishVeil");
    }

    [TestMethod]
    public void Derm7ptBalancedSampling_NotPositive_Throws() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run.Ml.Transforms.Derm7ptBalancedSampling(0));

    [TestMethod]
    public void Derm7ptBalancedRows_OtherTrainers_GetBalancedRows()
    {
        IDataView balanced = Run.Ml.Data.Derm7ptBalancedRows(Run.Release.Train, samplesPerLabel: 2, batches: 3, seed: 4);

        string[] paths = [.. balanced.GetColumn<string>("ImagePath")];
        Assert.HasCount(24 * 2 * 3, paths);
        CollectionAssert.IsSubsetOf(paths.Distinct().ToArray(), Run.Release.Train.GetColumn<string>("ImagePath").ToArray());
        // Every label was drawn at least 2 · 3 times; cases that were drawn for other labels may have it as well.
        foreach (ClassificationTask task in Taxonomy.Derm7pt.Tasks)
        {
            foreach (IGrouping<uint, uint> label in balanced.GetColumn<uint>(task.Name).GroupBy(key => key))
                Assert.IsGreaterThanOrEqualTo(6, label.Count(), $"{task.Name} {label.Key}");
        }

        CollectionAssert.AreEqual(
            paths, Run.Ml.Data.Derm7ptBalancedRows(Run.Release.Train, 2, 3, seed: 4).GetColumn<string>("ImagePath").ToArray());
        CollectionAssert.AreNotEqual(
            paths, Run.Ml.Data.Derm7ptBalancedRows(Run.Release.Train, 2, 3, seed: 5).GetColumn<string>("ImagePath").ToArray());
        Assert.HasCount(paths.Length, balanced.GetColumn<string>("DiagnosisRaw").Zip(paths));
    }

    private static IDataView Marked(IDataView data) => Run.Ml.Transforms.Derm7ptBalancedSampling(2).Fit(data).Transform(data);

    private sealed class Row
    {
        public string BlueWhitishVeilRaw { get; set; } = "";
    }
}
