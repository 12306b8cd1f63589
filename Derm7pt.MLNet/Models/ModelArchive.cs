using System.Buffers.Binary;
using System.IO.Compression;
using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Models;

/// <summary>Finds this library's network in a file that ML.NET saved. Entries are read in memory, regardless of their names.</summary>
internal static class ModelArchive
{
    private const string NetworkEntry = "OnnxModel";

    public static bool IsZip(ReadOnlySpan<byte> file) => file.StartsWith("PK\u0003\u0004"u8) || file.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Reads the one ONNX model in a zip file that this library wrote.</summary>
    /// <exception cref="FormatException">There is no such model or more than one, or the zip file is damaged or exceeds a limit.</exception>
    public static ReadOnlyMemory<byte> ReadNetwork(byte[] file)
    {
        // Entries are counted before ZipArchive creates an object for each of them.
        int entries = file.AsSpan().Count("PK\u0001\u0002"u8);
        if (entries > ModelLimits.ZipEntries)
            throw new FormatException($"the zip file has more than {ModelLimits.ZipEntries} entries.");
        try
        {
            using var zip = new ZipArchive(new MemoryStream(file, writable: false), ZipArchiveMode.Read);
            return FindNetwork(zip);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            // The stream is in memory, so that every exception is caused by the content.
            throw new FormatException($"the zip file is damaged: {e.Message}", e);
        }
    }

    private static ReadOnlyMemory<byte> FindNetwork(ZipArchive zip)
    {
        (string Name, ReadOnlyMemory<byte> Content)? found = null;
        long budget = ModelLimits.FileBytes;
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            if (entry.FullName.Split('/', '\\')[^1] != NetworkEntry)
                continue;
            ReadOnlyMemory<byte> content = Read(entry, budget);
            budget -= content.Length;
            content = Model(entry, content);
            if (!IsOwn(entry, content))
                continue;
            if (found is { } other)
            {
                throw new FormatException(
                    $"expected one stage of Derm7pt.MLNet, got two: '{other.Name}' and '{entry.FullName}'.");
            }

            found = (entry.FullName, content);
        }

        return found?.Content ?? throw new FormatException("the zip file holds no stage of Derm7pt.MLNet.");
    }

    /// <summary>Gets the model of an entry. ML.NET writes the length of the model before the model.</summary>
    private static ReadOnlyMemory<byte> Model(ZipArchiveEntry entry, ReadOnlyMemory<byte> content)
    {
        int length = content.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(content.Span);
        return length == content.Length - sizeof(int)
            ? content[sizeof(int)..]
            : throw new FormatException(
                Invariant($"the entry '{entry.FullName}' must begin with the length of what follows, {content.Length - sizeof(int)}, got {length}."));
    }

    private static bool IsOwn(ZipArchiveEntry entry, ReadOnlyMemory<byte> content)
    {
        try
        {
            return OnnxGraphReader.Open(content).IsOwn;
        }
        catch (FormatException e)
        {
            throw new FormatException($"the entry '{entry.FullName}' is no ONNX model: {e.Message}", e);
        }
    }

    private static ReadOnlyMemory<byte> Read(ZipArchiveEntry entry, long budget)
    {
        long declared = entry.Length;
        if (declared < 0 || declared > budget)
        {
            throw new FormatException(
                Invariant($"the entry '{entry.FullName}' declares {declared} bytes, at most {budget} are allowed."));
        }

        using Stream stream = entry.Open();
        // Memory is allocated for the bytes that were read, not for the declared length.
        var content = new MemoryStream();
        var buffer = new byte[1 << 14];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            if (content.Length + count > declared)
                throw new FormatException(Invariant($"the entry '{entry.FullName}' declares {declared} bytes and holds more."));
            content.Write(buffer, 0, count);
        }

        if (content.Length != declared)
            throw new FormatException(Invariant($"the entry '{entry.FullName}' declares {declared} bytes and holds {content.Length}."));
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }
}
