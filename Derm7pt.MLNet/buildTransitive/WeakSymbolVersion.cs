// Compiled twice: by MSBuild as an inline task (Derm7pt.MLNet.targets), and by the test project, which defines
// WEAK_SYMBOL_VERSION_ELF_ONLY to leave the task out. It therefore keeps to .NET Standard 2.0 and needs nothing but this file.
using System.Text;
#if !WEAK_SYMBOL_VERSION_ELF_ONLY
using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
#endif

#nullable enable

namespace Derm7pt.MLNet.Build;

#if !WEAK_SYMBOL_VERSION_ELF_ONLY
/// <summary>Writes a copy of a shared library in which an unused symbol version is optional.</summary>
public sealed class CopyWithWeakSymbolVersion : Task
{
    [Required]
    public string Source { get; set; } = "";

    [Required]
    public string Destination { get; set; } = "";

    public override bool Execute()
    {
        string temporary = Destination + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            byte[] image = File.ReadAllBytes(Source);
            WeakSymbolVersionResult result = WeakSymbolVersion.Apply(image);
            bool wasRefused = result is WeakSymbolVersionResult.InUse or WeakSymbolVersionResult.Malformed;
            MessageImportance importance = wasRefused ? MessageImportance.High : MessageImportance.Low;
            Log.LogMessage(importance, "{0}: {1}", Source, WeakSymbolVersion.Describe(result));

            // A new file moved into place: a reader sees the old one or the new one, and nothing hard-linked elsewhere changes.
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination))!);
            File.WriteAllBytes(temporary, image);
            if (File.Exists(Destination))
                File.Replace(temporary, Destination, null);
            else
                File.Move(temporary, Destination);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.LogError("Could not write {0} from {1}: {2}", Destination, Source, e.Message);
            File.Delete(temporary);
        }
        return !Log.HasLoggedErrors;
    }
}
#endif

/// <summary>Specifies the result of <see cref="WeakSymbolVersion.Apply"/>; only with <see cref="MadeWeak"/> was a byte changed.</summary>
internal enum WeakSymbolVersionResult
{
    /// <summary>The entry was strong and is weak now.</summary>
    MadeWeak,

    /// <summary>The entry is weak already.</summary>
    AlreadyWeak,

    /// <summary>The library does not require the version.</summary>
    NotDeclared,

    /// <summary>Code or data in the library needs a symbol of the version, so loading without it must keep failing.</summary>
    InUse,

    /// <summary>Not a little-endian 64-bit ELF file.</summary>
    NotElf64LittleEndian,

    /// <summary>A table lies outside the file or contradicts another.</summary>
    Malformed,
}

/// <summary>Makes TorchSharp's requirement of GLIBCXX_3.4.32 optional where it is declared but not used.</summary>
/// <remarks>
/// <para>
/// <c>libLibTorchSharp.so</c> 0.107.0 is built with GCC 13, whose <c>&lt;iostream&gt;</c> header names
/// <c>std::ios_base_library_init()</c> so that a program is never linked to an older libstdc++. No relocation refers to the
/// symbol, yet its version is declared, and the loader of Debian 12 and Ubuntu 22.04 (libstdc++ up to 3.4.30) refuses the file.
/// The streams are initialized there too: libtorch itself is built with an older GCC, does it in the old way and is loaded first.
/// </para>
/// <para>
/// The loader accepts a missing version whose entry has the weak flag (<c>VER_FLG_WEAK</c>). It is set only if the version
/// belongs to libstdc++, is carried by that undefined symbol alone, and no relocation refers to it.
/// </para>
/// </remarks>
internal static class WeakSymbolVersion
{
    public const string Library = "libstdc++.so.6";
    public const string Version = "GLIBCXX_3.4.32";
    public const string UnusedSymbol = "_ZSt21ios_base_library_initv";

    private const ushort WeakFlag = 0x2;

    private const uint RelocationsWithAddend = 4;
    private const uint Relocations = 9;
    private const uint NeededVersions = 0x6ffffffe;
    private const uint SymbolVersions = 0x6fffffff;

    private const ulong SectionHeaderSize = 64;
    private const ulong SymbolSize = 24;

    /// <summary>Sets the flag in <paramref name="image"/> if that is needed and safe; nothing else is ever changed.</summary>
    public static WeakSymbolVersionResult Apply(byte[] image)
    {
        // e_ident: magic, ELFCLASS64, ELFDATA2LSB
        byte[] identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1];
        if (image.Length < identity.Length)
            return WeakSymbolVersionResult.NotElf64LittleEndian;
        for (int i = 0; i < identity.Length; i++)
        {
            if (image[i] != identity[i])
                return WeakSymbolVersionResult.NotElf64LittleEndian;
        }

        try
        {
            return ApplyChecked(new Reader(image), image);
        }
        catch (InvalidDataException)
        {
            return WeakSymbolVersionResult.Malformed;
        }
    }

    /// <summary>Describes a result in words, for the build log.</summary>
    public static string Describe(WeakSymbolVersionResult result) => result switch
    {
        WeakSymbolVersionResult.MadeWeak => $"{Version} is declared but not used; its entry is weak now.",
        WeakSymbolVersionResult.AlreadyWeak => $"{Version} is weak already.",
        WeakSymbolVersionResult.NotDeclared => $"{Version} is not asked for.",
        WeakSymbolVersionResult.InUse => $"{Version} is in use; the file is left as it is and needs a libstdc++ that has it.",
        WeakSymbolVersionResult.NotElf64LittleEndian => "not a little-endian 64-bit ELF file; left as it is.",
        _ => "the ELF tables are inconsistent; the file is left as it is.",
    };

    private static WeakSymbolVersionResult ApplyChecked(Reader elf, byte[] image)
    {
        Section[] sections = ReadSections(elf);

        (ulong Entry, ushort Index)? match = null;
        foreach (Section needed in sections)
        {
            if (needed.Type != NeededVersions)
                continue;
            foreach ((ulong Entry, ushort Index) found in FindVersion(elf, needed, SectionAt(sections, needed.Link)))
            {
                if (match is not null)
                    throw new InvalidDataException("the version is declared twice");
                match = found;
            }
        }
        if (match is not { } version)
            return WeakSymbolVersionResult.NotDeclared;

        // Elf64_Vernaux: vna_hash (4), vna_flags (2), vna_other (2), vna_name (4), vna_next (4)
        ulong flagsAt = version.Entry + 4;
        ushort flags = elf.UInt16(flagsAt);
        if ((flags & WeakFlag) != 0)
            return WeakSymbolVersionResult.AlreadyWeak;
        if (IsUsed(elf, sections, version.Index))
            return WeakSymbolVersionResult.InUse;

        image[(int)flagsAt] |= (byte)WeakFlag;
        return WeakSymbolVersionResult.MadeWeak;
    }

    private static Section[] ReadSections(Reader elf)
    {
        ulong table = elf.UInt64(0x28);
        ushort entrySize = elf.UInt16(0x3a);
        ushort count = elf.UInt16(0x3c);
        if (count == 0)
            return [];
        if (entrySize != SectionHeaderSize)
            throw new InvalidDataException("unexpected section header size");
        elf.Require(table, count * SectionHeaderSize);

        var sections = new Section[count];
        for (int i = 0; i < count; i++)
        {
            ulong header = table + ((ulong)i * SectionHeaderSize);
            sections[i] = new Section(
                i, elf.UInt32(header + 4), elf.UInt64(header + 24), elf.UInt64(header + 32), elf.UInt32(header + 40),
                elf.UInt32(header + 44));
        }
        return sections;
    }

    private static Section SectionAt(Section[] sections, uint index) =>
        index < sections.Length ? sections[index] : throw new InvalidDataException("a section links to one that does not exist");

    private static List<(ulong Entry, ushort Index)> FindVersion(Reader elf, Section needed, Section names)
    {
        var found = new List<(ulong, ushort)>();
        elf.Require(needed.Offset, needed.Size);
        ulong end = needed.Offset + needed.Size;

        // Elf64_Verneed: vn_version (2), vn_cnt (2), vn_file (4), vn_aux (4), vn_next (4)
        ulong file = needed.Offset;
        for (uint f = 0; f < needed.Info; f++)
        {
            RequireInside(file, 16, end);
            bool isLibrary = elf.TextEquals(names, elf.UInt32(file + 4), Library);
            ulong entry = file + elf.UInt32(file + 8);
            ushort count = elf.UInt16(file + 2);
            for (int e = 0; e < count; e++)
            {
                RequireInside(entry, 16, end);
                if (isLibrary && elf.TextEquals(names, elf.UInt32(entry + 8), Version))
                    found.Add((entry, (ushort)(elf.UInt16(entry + 6) & 0x7fff)));
                uint next = elf.UInt32(entry + 12);
                if (next == 0)
                    break;
                entry += next;
            }

            uint nextFile = elf.UInt32(file + 12);
            if (nextFile == 0)
                break;
            file += nextFile;
        }
        return found;
    }

    private static bool IsUsed(Reader elf, Section[] sections, ushort versionIndex)
    {
        Section? versions = null;
        foreach (Section section in sections)
        {
            if (section.Type == SymbolVersions)
                versions = versions is null ? section : throw new InvalidDataException("two tables of symbol versions");
        }
        if (versions is null)
            throw new InvalidDataException("versions are declared, but no symbol has one");

        Section symbols = SectionAt(sections, versions.Link);
        Section names = SectionAt(sections, symbols.Link);
        ulong count = symbols.Size / SymbolSize;
        if (versions.Size != count * 2)
            throw new InvalidDataException("as many versions as symbols expected");
        elf.Require(symbols.Offset, symbols.Size);
        elf.Require(versions.Offset, versions.Size);

        var carriers = new HashSet<ulong>();
        for (ulong i = 0; i < count; i++)
        {
            if ((elf.UInt16(versions.Offset + (i * 2)) & 0x7fff) != versionIndex)
                continue;
            // Elf64_Sym: st_name (4), st_info (1), st_other (1), st_shndx (2), st_value (8), st_size (8)
            ulong symbol = symbols.Offset + (i * SymbolSize);
            bool isUndefined = elf.UInt16(symbol + 6) == 0;
            if (!isUndefined || !elf.TextEquals(names, elf.UInt32(symbol), UnusedSymbol))
                return true;
            carriers.Add(i);
        }

        foreach (Section section in sections)
        {
            ulong size = section.Type switch { RelocationsWithAddend => 24, Relocations => 16, _ => 0 };
            if (size == 0 || section.Link != symbols.Index)
                continue;
            elf.Require(section.Offset, section.Size);
            // Elf64_Rel(a): r_offset (8), r_info (8) with the symbol in its upper half
            for (ulong at = 0; at + size <= section.Size; at += size)
            {
                if (carriers.Contains(elf.UInt64(section.Offset + at + 8) >> 32))
                    return true;
            }
        }
        return false;
    }

    private static void RequireInside(ulong offset, ulong length, ulong end)
    {
        if (offset > end || length > end - offset)
            throw new InvalidDataException("an entry lies outside its section");
    }

    private sealed class Section(int index, uint type, ulong offset, ulong size, uint link, uint info)
    {
        public int Index { get; } = index;

        public uint Type { get; } = type;

        public ulong Offset { get; } = offset;

        public ulong Size { get; } = size;

        public uint Link { get; } = link;

        public uint Info { get; } = info;
    }

    /// <summary>Reads little-endian numbers on any machine and never outside the file.</summary>
    private sealed class Reader(byte[] image)
    {
        public void Require(ulong offset, ulong length)
        {
            ulong available = (ulong)image.Length;
            if (offset > available || length > available - offset)
                throw new InvalidDataException("outside the file");
        }

        public ushort UInt16(ulong offset) => (ushort)Number(offset, 2);

        public uint UInt32(ulong offset) => (uint)Number(offset, 4);

        public ulong UInt64(ulong offset) => Number(offset, 8);

        /// <summary>Compares the zero-terminated text at <paramref name="offset"/> of a string table.</summary>
        public bool TextEquals(Section table, uint offset, string expected)
        {
            Require(table.Offset, table.Size);
            byte[] bytes = Encoding.ASCII.GetBytes(expected + "\0");
            if (offset > table.Size)
                throw new InvalidDataException("a name lies outside its table");
            if ((ulong)bytes.Length > table.Size - offset)
                return false;
            for (int i = 0; i < bytes.Length; i++)
            {
                if (image[(int)(table.Offset + offset) + i] != bytes[i])
                    return false;
            }
            return true;
        }

        private ulong Number(ulong offset, int length)
        {
            Require(offset, (ulong)length);
            ulong value = 0;
            for (int i = length - 1; i >= 0; i--)
                value = (value << 8) | image[(int)offset + i];
            return value;
        }
    }
}
