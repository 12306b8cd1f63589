using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Models;

namespace Derm7pt.MLNet.Tests.Models;

[TestClass]
public sealed class RunIdentityTests
{
    [TestMethod]
    [DataRow("X64 GenuineIntel, AVX-512")]
    [DataRow(null)]
    public void Conflicts_OtherProcessorOrNone_AreNone(string? there)
    {
        Assert.IsEmpty(Identity("1", "X64 AuthenticAMD, AVX2").Conflicts(Identity("1", there)));
        Assert.IsEmpty(Identity("1", there).Conflicts(Identity("1", "X64 AuthenticAMD, AVX2")));
    }

    [TestMethod]
    public void Conflicts_OtherSeed_NamesItAlone()
    {
        CollectionAssert.AreEqual(
            new[] { "Seed: 2 in the checkpoint, 1 in this run" }, Identity("1", "here").Conflicts(Identity("2", "there")).ToArray());
    }

    [TestMethod]
    public void Warnings_OtherProcessor_NamesBoth()
    {
        string warning = Identity("1", "here").Warnings(Identity("1", "there")).Single();

        StringAssert.Contains(warning, "(there; this one is here)");
    }

    // The checkpoint is of another device, or was written before the kind of processor was recorded.
    [TestMethod]
    [DataRow("a", "a")]
    [DataRow(null, "a")]
    [DataRow("a", null)]
    public void Warnings_SameProcessorOrNone_AreNone(string? here, string? there) =>
        Assert.IsEmpty(Identity("1", here).Warnings(Identity("1", there)));

    [TestMethod]
    public void ProcessorKind_Current_IsShortAndPrintable()
    {
        StringAssert.Matches(ProcessorKind.Current, new System.Text.RegularExpressions.Regex("^[A-Za-z0-9]+( [ -~]+)?, [A-Za-z0-9 -]+$"));
    }

    private static RunIdentity Identity(string seed, string? processor)
    {
        var entries = new Dictionary<string, string> { ["Seed"] = seed };
        if (processor is not null)
            entries["Processor"] = processor;
        return new RunIdentity(entries);
    }
}
