using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Tests.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Columns;

[TestClass]
public sealed class TaxonomyColumnTests
{
    private const string Json = """
        {"name":"own","version":3,"tasks":[
        {"name":"Color","column":"color","kind":"criterion","labels":[{"name":"no","values":["n"]},{"name":"yes","score":2,"values":["y"]}]},
        {"name":"Kind","column":"kind","kind":"diagnosis","labels":[{"name":"good","values":["g"]},{"name":"bad","melanoma":true,"values":["b"]}]}]}
        """;

    private static readonly Taxonomy Own = Taxonomy.FromJson(Json);

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
    public void FindAll_DataScoredTwice_GivesTheLastTaxonomyFirst()
    {
        var ml = new MLContext();
        MultiTaskModel first = TestModels.Small(), second = TestModels.Small(taxonomy: Own);
        IDataView cases = Cases(second);
        using var a = new Derm7ptMultiTaskTransformer(first, "Image", cases.Schema, scoringBatchSize: 2);
        using var b = new Derm7ptMultiTaskTransformer(second, "Image", cases.Schema, scoringBatchSize: 2);

        Assert.AreEqual(Own.Name, TaxonomyColumn.FindAll(b.Transform(a.Transform(cases)).Schema).First().Name);
        Assert.AreEqual(Taxonomy.Derm7pt.Name, TaxonomyColumn.FindAll(a.Transform(b.Transform(cases)).Schema).First().Name);
        Assert.IsEmpty(TaxonomyColumn.FindAll(cases.Schema));
    }

    // In some existing files, a label of a criterion means melanoma; a new taxonomy must not have such a label.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EvaluateDerm7pt_TaxonomyOfAnOldModelFile_TravelsToo(bool reloaded)
    {
        var ml = new MLContext();
        string json = Own.ToJson().Replace("\"score\":2,", "\"score\":2,\"melanoma\":true,", StringComparison.Ordinal);
        Assert.ThrowsExactly<FormatException>(() => Taxonomy.FromJson(json));
        Taxonomy old = TaxonomyJson.Read(json, isStored: true);
        MultiTaskModel model = TestModels.Small(taxonomy: old, filters: [2, 3]);
        IDataView cases = Cases(model);
        using var stage = new Derm7ptMultiTaskTransformer(model, "Image", cases.Schema, scoringBatchSize: 2);

        IDataView scored = (reloaded ? Reload(ml, stage, cases) : stage).Transform(cases);

        Assert.AreEqual(old.ToJson(), ml.MulticlassClassification.EvaluateDerm7pt(scored).Taxonomy.ToJson());
        Assert.AreEqual(old.ToJson(), GateInterpretation.FromScored(scored).Taxonomy.ToJson());
    }

    [TestMethod]
    [DataRow("\"name\":\"Color\"", "\"name\":\"Hue\"", "it has the task Hue in addition; it lacks the task Color")]
    [DataRow("\"name\":\"bad\"", "\"name\":\"worse\"", "its task 'Kind' has the labels good, worse instead of good, bad")]
    [DataRow("\"score\":2", "\"score\":1", "its label 'yes' of task 'Color' has the score 1 instead of 2")]
    [DataRow("\"melanoma\":true,", "", "its label 'bad' of task 'Kind' does not mean melanoma")]
    [DataRow("\"kind\":\"diagnosis\",\"labels\":[{\"name\":\"good\",\"values\":[\"g\"]},{\"name\":\"bad\",\"melanoma\":true", "\"kind\":\"criterion\",\"labels\":[{\"name\":\"good\",\"values\":[\"g\"]},{\"name\":\"bad\"", "its task 'Kind' is a criterion instead of a diagnosis")]
    public void Choose_AnotherTaxonomyThanTheOneThatTravels_NamesTheDifference(string find, string replacement, string expected)
    {
        IDataView scored = Scored(out Derm7ptMultiTaskTransformer stage);
        using Derm7ptMultiTaskTransformer owner = stage;
        Assert.Contains(find, Json);
        var other = Taxonomy.FromJson(Json.Replace(find, replacement, StringComparison.Ordinal));

        foreach (Action read in Readers(scored, other))
        {
            string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(read).Message;
            StringAssert.Contains(message, $"The taxonomy 'own' that was passed is not the one with which the data were scored, 'own': {expected}. Pass none");
        }
    }

    [TestMethod]
    public void Choose_TasksInAnotherOrder_SaysSo()
    {
        IDataView scored = Scored(out Derm7ptMultiTaskTransformer stage);
        using Derm7ptMultiTaskTransformer owner = stage;
        var other = new Taxonomy("turned", 1, [.. Own.Tasks.Reverse()]);

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MLContext().MulticlassClassification.EvaluateDerm7pt(scored, other)).Message,
            "its tasks are in the order Kind, Color instead of Color, Kind");
    }

    // Properties that affect only the reading of a release or the display of results may differ.
    [TestMethod]
    public void Choose_OtherCodesAndRawValues_IsTaken()
    {
        IDataView scored = Scored(out Derm7ptMultiTaskTransformer stage);
        using Derm7ptMultiTaskTransformer owner = stage;
        var other = Taxonomy.FromJson(Json.Replace("\"values\":[\"y\"]", "\"code\":\"J\",\"values\":[\"ja\"]", StringComparison.Ordinal));

        Assert.AreSame(other, new MLContext().MulticlassClassification.EvaluateDerm7pt(scored, other).Taxonomy);
    }

    [TestMethod]
    public void Choose_DataScoredTwice_TakesAnyOfTheTwo()
    {
        MultiTaskModel own = TestModels.Small(taxonomy: Own);
        IDataView cases = Cases(own);
        using var first = new Derm7ptMultiTaskTransformer(own, "Image", cases.Schema, scoringBatchSize: 2);
        using var second = new Derm7ptMultiTaskTransformer(TestModels.Small(), "Image", cases.Schema, scoringBatchSize: 2);

        Assert.AreSame(Own, new MLContext().MulticlassClassification.EvaluateDerm7pt(second.Transform(first.Transform(cases)), Own).Taxonomy);
    }

    [TestMethod]
    public void EvaluateDerm7pt_NoTaxonomyTravels_SaysWhatWasExpectedAndWhatToPass()
    {
        var ml = new MLContext();
        IDataView scored = Scored(out Derm7ptMultiTaskTransformer stage);
        using Derm7ptMultiTaskTransformer owner = stage;
        IDataView bare = ml.Transforms.SelectColumns([.. scored.Schema.Where(column => !column.IsHidden).Select(column => column.Name)])
            .Fit(scored).Transform(scored);

        Assert.AreEqual(6, ml.MulticlassClassification.EvaluateDerm7pt(bare, Own).CaseCount);
        foreach (Action read in Readers(bare, null))
        {
            string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(read).Message;
            StringAssert.Contains(
                message, "the taxonomy 'derm7pt', the built-in one as none was passed and none travels with the data, which has the tasks Diagnosis, PigmentNetwork");
            StringAssert.Contains(message, "Color, Kind");
            StringAssert.Contains(message, "Pass the taxonomy of the model that scored them.");
            Assert.IsFalse(message.Contains("Could not find", StringComparison.Ordinal), message);
        }

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GateInterpretation.FromScored(bare, Taxonomy.BinaryDiagnosis)).Message,
            "the taxonomy 'derm7pt-binary-diagnosis', which was passed, which has the tasks");
    }

    [TestMethod]
    public void EvaluateDerm7pt_DataThatAreNotScored_SaysSo()
    {
        IDataView cases = Cases(TestModels.Small(taxonomy: Own));

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MLContext().MulticlassClassification.EvaluateDerm7pt(cases, Own)).Message,
            "The data are not scored: there is no column such as 'ColorScore'. Transform them with a model first.");
    }

    private static Action[] Readers(IDataView scored, Taxonomy? taxonomy) =>
    [
        () => new MLContext().MulticlassClassification.EvaluateDerm7pt(scored, taxonomy), () => GateInterpretation.FromScored(scored, taxonomy),
    ];

    private static IDataView Scored(out Derm7ptMultiTaskTransformer stage)
    {
        MultiTaskModel model = TestModels.Small(taxonomy: Own);
        IDataView cases = Cases(model);
        stage = new Derm7ptMultiTaskTransformer(model, "Image", cases.Schema, scoringBatchSize: 2);
        return stage.Transform(cases);
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
