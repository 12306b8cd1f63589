using Derm7pt.MLNet.Tasks;
using Derm7pt.MLNet.Training.Sampling;

namespace Derm7pt.MLNet.Tests.Training.Sampling;

[TestClass]
public sealed class ValidationSplitTests
{
    [TestMethod]
    [DataRow(0.1)]
    [DataRow(0.5)]
    [DataRow(0.9)]
    public void Draw_AnyFraction_PartsAreDisjointCompleteAndKeepEveryLabel(double fraction)
    {
        LabelTable labels = BalancedSamplerTests.Labels(caseCount: 200);

        (int[] train, int[] validation) = ValidationSplit.Draw(labels, fraction, seed: 3);

        CollectionAssert.AreEqual(Enumerable.Range(0, 200).ToArray(), train.Concat(validation).Order().ToArray());
        for (int task = 0; task < labels.Columns.Count; task++)
        {
            int[] all = labels.Counts(task), kept = labels.Subset(train).Counts(task);
            for (int label = 0; label < all.Length; label++)
            {
                Assert.IsGreaterThan(0, kept[label], $"task {task}, label {label}");
                Assert.IsLessThanOrEqualTo(Math.Ceiling(fraction * all[label]), all[label] - kept[label], $"task {task}, label {label}");
            }
        }
    }

    [TestMethod]
    public void Draw_AFifth_SetsAboutAFifthAside()
    {
        (_, int[] validation) = ValidationSplit.Draw(BalancedSamplerTests.Labels(caseCount: 400), 0.2, seed: 3);
        Assert.IsInRange(70, 80, validation.Length);
    }

    [TestMethod]
    public void Draw_Seeds_DecideTheParts()
    {
        LabelTable labels = BalancedSamplerTests.Labels(caseCount: 100);
        CollectionAssert.AreEqual(ValidationSplit.Draw(labels, 0.2, 3).Validation, ValidationSplit.Draw(labels, 0.2, 3).Validation);
        CollectionAssert.AreNotEqual(ValidationSplit.Draw(labels, 0.2, 3).Validation, ValidationSplit.Draw(labels, 0.2, 4).Validation);
    }
}
