using Derm7pt.MLNet.Reporting.Examples;

namespace Derm7pt.MLNet.Tests.Reporting;

[TestClass]
public sealed class ExampleChoiceTests
{
    private static readonly bool?[] Mixed = [.. Enumerable.Range(0, 60).Select(i => i % 4 == 3 ? (bool?)null : i % 4 != 0)];

    [TestMethod]
    public void Choose_RightAndWrongCases_TakesHalfOfEachInOrder()
    {
        IReadOnlyList<int> rows = ExampleChoice.Choose(Mixed, 6, seed: 1);

        Assert.AreEqual(3, rows.Count(row => Mixed[row] == true));
        Assert.AreEqual(3, rows.Count(row => Mixed[row] == false));
        CollectionAssert.AreEqual(rows.Order().ToArray(), rows.ToArray());
        CollectionAssert.AreEqual(rows.ToArray(), ExampleChoice.Choose(Mixed, 6, seed: 1).ToArray());
        CollectionAssert.AreNotEqual(rows.ToArray(), ExampleChoice.Choose(Mixed, 6, seed: 2).ToArray());
    }

    [TestMethod]
    [DataRow(true, 6)]
    [DataRow(false, 6)]
    [DataRow(null, 6)]
    [DataRow(true, 600)]
    public void Choose_OneKindOfCase_FillsUpWithIt(bool? kind, int count)
    {
        bool?[] cases = [.. Enumerable.Repeat(kind, 10)];

        Assert.HasCount(Math.Min(10, count), ExampleChoice.Choose(cases, count, seed: 1));
    }

    [TestMethod]
    public void Choose_NoCases_IsEmpty() => Assert.IsEmpty(ExampleChoice.Choose([], 6, seed: 1));
}
