using Derm7pt.MLNet.Columns;

namespace Derm7pt.MLNet.Tests.Columns;

[TestClass]
public sealed class GateSlotNamesTests
{
    [TestMethod]
    public void Create_TwoBlocks_NamesTakerGiverAndChannel()
    {
        var names = GateSlotNames.Create(Taxonomy.Derm7pt, [2, 4]);

        // There are 8 target tasks and 8 source tasks.
        Assert.HasCount(8 * 8 * 2 + 8 * 8 * 4, names);
        Assert.AreEqual("Block1.Diagnosis<-Diagnosis[0]", names[0]);
        Assert.AreEqual("Block1.Diagnosis<-PigmentNetwork[0]", names[2]);
        Assert.AreEqual("Block1.PigmentNetwork<-Diagnosis[1]", names[8 * 2 + 1]);
        Assert.AreEqual("Block2.RegressionStructures<-RegressionStructures[3]", names[^1]);
        Assert.HasCount(names.Length, names.Distinct());
    }
}
