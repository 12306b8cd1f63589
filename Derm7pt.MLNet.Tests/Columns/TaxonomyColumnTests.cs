using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Tests.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Columns;

[TestClass]
public sealed class TaxonomyColumnTests
{
    private static readonly Taxonomy Own = Taxonomy.FromJson(
        """
        {"name":"own","version":3,"tasks":[
        {"name":"Color","column":"color","kind":"criterion","labels":[{"name":"no","values":["n"]},{"name":"yes","score":2,"values":["y"]}]},
        {"name":"Kind","column":"kind","kind":"diagnosis","labels":[{"name":"good","values":["g"]},{"name":"bad","melanoma":true,"values":["b"]}]}]}
        """);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EvaluateDerm7pt_ModelOfItsOwnTaxonomy_NeedsNotBeGivenIt(bool reloaded)
    {
        var ml = new MLContext();
        MultiTaskModel model = TestModels.Small(taxonomy: Own, filters: [2, 3]);
        IDataView cases = Cases(model);
        using var stage = new Derm7ptMultiTaskTransformer(model, "Image", cases.Schema, scoringBatchSize: 2);

        IDataView scored = (reloaded ? Reload(ml, stage, cases) : stage).Transform(cases);
        MultiTaskEvaluation evaluation = ml.MulticlassClassification.EvaluateDerm7pt(scored);

        Assert.AreEqual(Own.ToJson(), evaluation.Taxonomy.ToJson());
        Assert.AreEqual(6, evaluation.CaseCount);
        Assert.IsNotNull(evaluation.SevenPoint);
        Assert.AreEqual(
            ml.MulticlassClassification.EvaluateDerm7pt(scored, Own).ToJson(), evaluation.ToJson(), "the same as with the taxonomy given");
        Assert.AreEqual(Own.ToJson(), GateInterpretation.FromScored(scored).Taxonomy.ToJson());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Transform_AnyModel_AddsNoVisibleColumnForTheTaxonomy(bool reloaded)
    {
        var ml = new MLContext();
        MultiTaskModel model = TestModels.Small(taxonomy: Own);
        IDataView cases = Cases(model);
        using var stage = new Derm7ptMultiTaskTransformer(model, "Image", cases.Schema, scoringBatchSize: 2);

        DataViewSchema schema = (reloaded ? Reload(ml, stage, cases) : stage).Transform(cases).Schema;

        CollectionAssert.AreEqual(
            new[] { "ColorScore", "ColorPredictedLabel", "ColorPredictedLabelText", "KindScore", "KindPredictedLabel", "KindPredictedLabelText",
                "GateAlphas", "SevenPointScore", "MelanomaProbability" },
            schema.Where(column => !column.IsHidden).Select(column => column.Name).Except(cases.Schema.Select(column => column.Name)).ToArray());
        Assert.IsInstanceOfType<TextDataViewType>(schema["KindPredictedLabelText"].Type);
    }

    [TestMethod]
    public void Find_DataScoredTwice_GivesTheLastTaxonomy()
    {
        var ml = new MLContext();
        MultiTaskModel first = TestModels.Small(), second = TestModels.Small(taxonomy: Own);
        IDataView cases = Cases(second);
        using var a = new Derm7ptMultiTaskTransformer(first, "Image", cases.Schema, scoringBatchSize: 2);
        using var b = new Derm7ptMultiTaskTransformer(second, "Image", cases.Schema, scoringBatchSize: 2);

        Assert.AreEqual(Own.Name, TaxonomyColumn.Find(b.Transform(a.Transform(cases)).Schema)?.Name);
        Assert.AreEqual(Taxonomy.Derm7pt.Name, TaxonomyColumn.Find(a.Transform(b.Transform(cases)).Schema)?.Name);
        Assert.IsNull(TaxonomyColumn.Find(cases.Schema));
    }

    private static ITransformer Reload(MLContext ml, Derm7ptMultiTaskTransformer stage, IDataView cases)
    {
        using var file = new MemoryStream();
        ml.Model.Save(stage, cases.Schema, file);
        return new MLContext().Model.Load(new MemoryStream(file.ToArray()), out _);
    }

    private static IDataView Cases(MultiTaskModel model)
    {
        const int Count = 6;
        float[][] pixels = OnnxRun.RandomImages(model, Count, seed: 2);
        var builder = new ColumnarDataView.Builder(Count);
        foreach (ClassificationTask task in Own.Tasks)
            builder.AddKey(task.Name, [1, 2, 1, 2, 1, 2], [.. task.Labels.Select(label => label.Name)]);
        return builder
            .Add("Image", new VectorDataViewType(NumberDataViewType.Single, 3, TestModels.Height, TestModels.Width), (int row, ref VBuffer<float> value) =>
                value = new VBuffer<float>(pixels[row].Length, pixels[row]))
            .Build();
    }
}
