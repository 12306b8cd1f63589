using System.Buffers.Binary;
using System.IO.Compression;
using Derm7pt.MLNet.Onnx;

namespace Derm7pt.MLNet.Models;

/// <summary>Finds this library's network in a file that ML.NET saved. Entries are read in memory, whatever they are called.</summary>
internal static class ModelArchive
{
    private const string NetworkEntry = "OnnxModel";

    public static bool IsZip(ReadOnlySpan<byte> file) => file.StartsWith("PK\u0003\u0004"u8) || file.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Reads the one ONNX model in a zip file that this library wrote.</summary>
    /// <exception cref="FormatException">There is none or more than one, or the zip file is damaged or out of bounds.</exception>
    public static ReadOnlyMemory<byte> ReadNetwork(byte[] file)
    {
        // Counted before ZipArchive makes an object of each.
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
            // The stream is memory, so that whatever goes wrong is the content's fault.
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

    /// <summary>ML.NET writes the length of the model before it.</summary>
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
        // Memory follows what has arrived, not what is declared.
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
