using System.Buffers.Binary;
using System.Text;

namespace Derm7pt.MLNet.Tests.Build;

/// <summary>The smallest shared library with all structures that <c>WeakSymbolVersion</c> reads; a test changes one of them.</summary>
internal sealed class ElfFile
{
    private const ushort VersionIndex = 3;

    public string Library { get; init; } = "libstdc++.so.6";

    public string Version { get; init; } = "GLIBCXX_3.4.32";

    public string Symbol { get; init; } = "_ZSt21ios_base_library_initv";

    public ushort SymbolSection { get; init; }

    public uint? RelocatedSymbol { get; init; }

    public bool DeclaresTwice { get; init; }

    /// <summary>Gets the offset of <c>vna_flags</c> of the version.</summary>
    public int FlagsOffset { get; private set; }

    /// <summary>Gets the offset of the section headers: null, strings, symbols, symbol versions, needed versions, relocations.</summary>
    public int HeadersOffset { get; private set; }

    public byte[] ToArray()
    {
        // Symbol 1 has another version of the same library; symbol 2 carries the version in question.
        byte[] strings = Encoding.ASCII.GetBytes($"\0{Library}\0GLIBCXX_3.4.30\0{Version}\0{Symbol}\0_Znwm\0");
        uint At(string text) => (uint)strings.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"\0{text}\0")) + 1;

        string other = DeclaresTwice ? Version : "GLIBCXX_3.4.30";
        byte[] symbols = [.. new byte[24], .. Symbol64(At("_Znwm"), 0), .. Symbol64(At(Symbol), SymbolSection)];
        // The high bit hides a version; it is not part of its index.
        byte[] versions = [.. Number(0, 2), .. Number(2, 2), .. Number(VersionIndex | 0x8000u, 2)];
        byte[] needed =
        [
            .. Number(1, 2), .. Number(2, 2), .. Number(At(Library), 4), .. Number(16, 4), .. Number(0, 4),
            .. Number(0, 4), .. Number(0, 2), .. Number(2, 2), .. Number(At(other), 4), .. Number(16, 4),
            .. Number(0, 4), .. Number(0, 2), .. Number(VersionIndex, 2), .. Number(At(Version), 4), .. Number(0, 4),
        ];
        byte[] relocations = [.. Number(0x1000, 8), .. Number(((ulong)(RelocatedSymbol ?? 1) << 32) | 6, 8), .. Number(0, 8)];

        byte[][] parts = [strings, symbols, versions, needed, relocations];
        var offsets = new int[parts.Length];
        int end = 64;
        for (int i = 0; i < parts.Length; i++)
        {
            offsets[i] = end;
            end += parts[i].Length;
        }
        FlagsOffset = offsets[3] + 16 + 16 + 4;
        HeadersOffset = end;

        byte[] header =
        [
            0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, .. new byte[9],
            .. Number(3, 2), .. Number(62, 2), .. Number(1, 4), .. Number(0, 8), .. Number(0, 8), .. Number((ulong)end, 8),
            .. Number(0, 4), .. Number(64, 2), .. Number(0, 2), .. Number(0, 2), .. Number(64, 2), .. Number(6, 2),
            .. Number(0, 2),
        ];
        return
        [
            .. header, .. parts.SelectMany(part => part), .. new byte[64],
            .. Section(3, offsets[0], strings, 0, 0), .. Section(11, offsets[1], symbols, 1, 1),
            .. Section(0x6fffffff, offsets[2], versions, 2, 0), .. Section(0x6ffffffe, offsets[3], needed, 1, 1),
            .. Section(4, offsets[4], relocations, 2, 0),
        ];
    }

    private static byte[] Symbol64(uint name, ushort section) =>
        [.. Number(name, 4), 0x12, 0, .. Number(section, 2), .. Number(0, 8), .. Number(0, 8)];

    private static byte[] Section(uint type, int offset, byte[] content, uint link, uint info) =>
    [
        .. Number(0, 4), .. Number(type, 4), .. Number(2, 8), .. Number(0, 8), .. Number((ulong)offset, 8),
        .. Number((ulong)content.Length, 8), .. Number(link, 4), .. Number(info, 4), .. Number(8, 8), .. Number(0, 8),
    ];

    private static byte[] Number(ulong value, int length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes[..length];
    }
}
