using System.Buffers.Binary;
using Derm7pt.MLNet.Build;

namespace Derm7pt.MLNet.Tests.Build;

[TestClass]
public sealed class WeakSymbolVersionTests
{
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "Build", "libLibTorchSharp.so.shipped");

    [TestMethod]
    public void Apply_LibraryAsShipped_ChangesOneByte()
    {
        byte[] shipped = File.ReadAllBytes(Shipped);
        byte[] image = [.. shipped];

        Assert.AreEqual(WeakSymbolVersionResult.MadeWeak, WeakSymbolVersion.Apply(image));

        int changed = Enumerable.Range(0, shipped.Length).Single(i => shipped[i] != image[i]);
        Assert.AreEqual(0, shipped[changed]);
        Assert.AreEqual(2, image[changed]);
        // The hash of the version's name precedes its flags: the byte belongs to the right entry.
        Assert.AreEqual(HashOf(WeakSymbolVersion.Version), BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(changed - 4)));
    }

    [TestMethod]
    public void Build_Output_HasTheCorrectedLibrary()
    {
        byte[] expected = File.ReadAllBytes(Shipped);
        _ = WeakSymbolVersion.Apply(expected);

        string[] copies = Directory.GetFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories);

        Assert.HasCount(1, copies);
        CollectionAssert.AreEqual(expected, File.ReadAllBytes(copies[0]));
    }

    [TestMethod]
    public void Apply_UnusedVersion_SetsTheFlagAndNothingElse()
    {
        var elf = new ElfFile();
        byte[] expected = elf.ToArray();
        byte[] image = [.. expected];
        expected[elf.FlagsOffset] = 2;

        Assert.AreEqual(WeakSymbolVersionResult.MadeWeak, WeakSymbolVersion.Apply(image));

        CollectionAssert.AreEqual(expected, image);
    }

    [TestMethod]
    public void Apply_OtherFlagsSet_KeepsThem()
    {
        var elf = new ElfFile();
        byte[] image = elf.ToArray();
        image[elf.FlagsOffset] = 0x4;

        Assert.AreEqual(WeakSymbolVersionResult.MadeWeak, WeakSymbolVersion.Apply(image));

        Assert.AreEqual(0x6, image[elf.FlagsOffset]);
    }

    [TestMethod]
    public void Apply_SecondTime_ChangesNothing()
    {
        byte[] image = new ElfFile().ToArray();
        _ = WeakSymbolVersion.Apply(image);

        AssertUntouched(WeakSymbolVersionResult.AlreadyWeak, image);
    }

    [TestMethod]
    public void Apply_VersionNotDeclared_LeavesTheFile() =>
        AssertUntouched(WeakSymbolVersionResult.NotDeclared, new ElfFile { Version = "GLIBCXX_3.4.33" }.ToArray());

    [TestMethod]
    public void Apply_LongerVersionName_LeavesTheFile() =>
        AssertUntouched(WeakSymbolVersionResult.NotDeclared, new ElfFile { Version = "GLIBCXX_3.4.321" }.ToArray());

    [TestMethod]
    public void Apply_VersionOfAnotherLibrary_LeavesTheFile() =>
        AssertUntouched(WeakSymbolVersionResult.NotDeclared, new ElfFile { Library = "libother.so.1" }.ToArray());

    [TestMethod]
    public void Apply_VersionOnAnotherSymbol_LeavesTheFile() =>
        AssertUntouched(WeakSymbolVersionResult.InUse, new ElfFile { Symbol = "_ZNSt8ios_base4InitC1Ev" }.ToArray());

    [TestMethod]
    public void Apply_SymbolIsDefined_LeavesTheFile() =>
        AssertUntouched(WeakSymbolVersionResult.InUse, new ElfFile { SymbolSection = 1 }.ToArray());

    [TestMethod]
    public void Apply_SymbolIsRelocated_LeavesTheFile() =>
        AssertUntouched(WeakSymbolVersionResult.InUse, new ElfFile { RelocatedSymbol = 2 }.ToArray());

    [TestMethod]
    public void Apply_VersionDeclaredTwice_LeavesTheFile() =>
        AssertUntouched(WeakSymbolVersionResult.Malformed, new ElfFile { DeclaresTwice = true }.ToArray());

    [TestMethod]
    public void Apply_NoSections_LeavesTheFile()
    {
        byte[] image = new ElfFile().ToArray();
        image[0x3c] = 0;

        AssertUntouched(WeakSymbolVersionResult.NotDeclared, image);
    }

    [TestMethod]
    [DataRow(4, 1, DisplayName = "32-bit")]
    [DataRow(5, 2, DisplayName = "big-endian")]
    [DataRow(0, 'M', DisplayName = "not ELF")]
    public void Apply_AnotherFormat_LeavesTheFile(int offset, int value)
    {
        byte[] image = new ElfFile().ToArray();
        image[offset] = (byte)value;

        AssertUntouched(WeakSymbolVersionResult.NotElf64LittleEndian, image);
    }

    [TestMethod]
    public void Apply_CutAnywhere_LeavesTheFile()
    {
        byte[] image = new ElfFile().ToArray();

        for (int length = 0; length < image.Length; length++)
        {
            AssertUntouched(
                length < 6 ? WeakSymbolVersionResult.NotElf64LittleEndian : WeakSymbolVersionResult.Malformed, image[..length]);
        }
    }

    [TestMethod]
    public void Apply_AnyByteBent_ChangesAtMostTheFlag()
    {
        var elf = new ElfFile();
        byte[] sound = elf.ToArray();

        for (int offset = 0; offset < sound.Length; offset++)
        {
            foreach (byte value in new byte[] { 0x00, 0x01, 0x7f, 0xff })
            {
                byte[] bent = [.. sound];
                bent[offset] = value;
                byte[] image = [.. bent];

                WeakSymbolVersionResult result = WeakSymbolVersion.Apply(image);

                int changed = Enumerable.Range(0, image.Length).Count(i => image[i] != bent[i]);
                int expected = result == WeakSymbolVersionResult.MadeWeak ? 1 : 0;
                Assert.AreEqual(expected, changed, $"byte {offset} = {value}: {result}");
            }
        }
    }

    [TestMethod]
    [DataRow(1, DisplayName = "strings")]
    [DataRow(2, DisplayName = "symbols")]
    [DataRow(3, DisplayName = "symbol versions")]
    [DataRow(4, DisplayName = "needed versions")]
    [DataRow(5, DisplayName = "relocations")]
    public void Apply_SectionBeyondAllNumbers_LeavesTheFile(int section)
    {
        var elf = new ElfFile();
        byte[] image = elf.ToArray();
        // Offset plus size would wrap around to a small number.
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(elf.HeadersOffset + (section * 64) + 24), ulong.MaxValue - 8);

        AssertUntouched(WeakSymbolVersionResult.Malformed, image);
    }

    private static void AssertUntouched(WeakSymbolVersionResult expected, byte[] image)
    {
        byte[] before = [.. image];

        Assert.AreEqual(expected, WeakSymbolVersion.Apply(image));
        CollectionAssert.AreEqual(before, image);
    }

    /// <summary>The hash of the ELF specification.</summary>
    private static uint HashOf(string name)
    {
        uint hash = 0;
        foreach (char c in name)
        {
            hash = (hash << 4) + c;
            uint high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }
        return hash;
    }
}
