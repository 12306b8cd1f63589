using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Models;

/// <summary>Represents the state of a training run that can be resumed.</summary>
/// <param name="Run">The identity of the run.</param>
/// <param name="State">The state of the run.</param>
internal sealed record Checkpoint(RunIdentity Run, TrainingState State);

/// <summary>Reads and writes the file of a <see cref="Checkpoint"/>.</summary>
/// <remarks>
/// <para>
/// The file consists of a header and a payload. The header contains a signature, a format version, the length of the payload and the
/// SHA-256 of the rest of the file. The payload contains the run and its epochs as JSON, and then tensors, each as name, shape and
/// values; the tensors of moving averages are last, if the run has them. All numbers are little-endian.
/// </para>
/// <para>The checksum detects damage but not manipulation, so a reader must treat the payload as untrusted.</para>
/// </remarks>
internal static class CheckpointFile
{
    /// <summary>The version of the format. It must be increased when older versions could misread a newer file.</summary>
    public const int FormatVersion = 1;

    /// <summary>The number of bytes of the header: signature, version, payload length and checksum.</summary>
    public const int HeaderLength = SignedLength + SHA256.HashSizeInBytes;

    // The number of bytes of the header that the checksum covers.
    private const int SignedLength = 8 + sizeof(int) + sizeof(long);
    private const int MaximumRank = 8;

    // The line break at the end makes a transfer in text mode detectable.
    private static ReadOnlySpan<byte> Signature => "D7PTCK\r\n"u8;

    /// <summary>Writes a checkpoint. If writing fails, an existing file is not changed.</summary>
    public static void Write(string path, Checkpoint checkpoint)
    {
        byte[] payload = WritePayload(checkpoint);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Header(payload));
            stream.Write(payload);
        });
    }

    /// <summary>Reads a checkpoint if the file exists.</summary>
    /// <exception cref="Derm7ptModelException">The file is damaged, truncated or not a checkpoint.</exception>
    /// <exception cref="IOException">The file cannot be read, or its folder does not exist.</exception>
    public static Checkpoint? Find(string path)
    {
        string full = Path.GetFullPath(path);
        // An invalid path is reported before the training, not when the first checkpoint is written.
        if (Directory.Exists(full))
            throw new IOException($"The checkpoint '{path}' is a folder, expected a file.");
        if (!Directory.Exists(Path.GetDirectoryName(full)))
            throw new DirectoryNotFoundException($"The folder of the checkpoint '{path}' does not exist.");
        return File.Exists(full) ? Read(path) : null;
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="Derm7ptModelException">The file is damaged, truncated or not a checkpoint.</exception>
    public static Checkpoint Read(string path)
    {
        byte[] payload = ReadChecked(path);
        try
        {
            return ReadPayload(payload);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or JsonException or FormatException or ArgumentException
            or NotSupportedException)
        {
            throw new Derm7ptModelException(path, e.Message, e);
        }
    }

    /// <summary>Creates the header of a payload.</summary>
    internal static byte[] Header(ReadOnlySpan<byte> payload)
    {
        var header = new byte[HeaderLength];
        Signature.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(Signature.Length), FormatVersion);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(Signature.Length + sizeof(int)), payload.Length);
        Checksum(header, payload).CopyTo(header.AsSpan(SignedLength));
        return header;
    }

    private static byte[] Checksum(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header[..SignedLength]);
        hash.AppendData(payload);
        return hash.GetHashAndReset();
    }

    private static byte[] ReadChecked(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> header = stackalloc byte[HeaderLength];
        int read = stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        ReadOnlySpan<byte> signature = header[..Math.Min(read, Signature.Length)];
        if (!Signature.StartsWith(signature) || read == 0)
            throw Broken("it is not a checkpoint of Derm7pt.MLNet.");
        if (read < HeaderLength)
            throw Broken($"it is truncated: {stream.Length} bytes, fewer than its header has.");
        int version = BinaryPrimitives.ReadInt32LittleEndian(header[Signature.Length..]);
        if (version != FormatVersion)
            throw Broken(Invariant($"it has checkpoint format {version}; this Derm7pt.MLNet reads format {FormatVersion}."));

        // The declared length is compared with the length of the file before memory is allocated.
        long length = BinaryPrimitives.ReadInt64LittleEndian(header[(Signature.Length + sizeof(int))..]);
        if (length != stream.Length - HeaderLength)
            throw Broken(Invariant($"it is truncated or damaged: {stream.Length - HeaderLength} bytes of content, expected {length}."));
        if (length > Array.MaxLength)
            throw Broken(Invariant($"its content of {length} bytes is more than the {Array.MaxLength} that can be read."));
        var payload = new byte[length];
        stream.ReadExactly(payload);
        if (!Checksum(header, payload).AsSpan().SequenceEqual(header[SignedLength..]))
            throw Broken("it is damaged: its content does not match its checksum.");
        return payload;

        Derm7ptModelException Broken(string problem) => new(path, problem, null);
    }

    private static byte[] WritePayload(Checkpoint checkpoint)
    {
        TrainingState state = checkpoint.State;
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(
                new CheckpointSummary(checkpoint.Run.Entries, StoredEpoch.Of(state.Epochs), [.. state.Optimizer.Select(m => m.Steps)]),
                CheckpointJson.Default.CheckpointSummary);
            writer.Write(json.Length);
            writer.Write(json);
            Write(writer, state.Network);
            writer.Write(state.Best is not null);
            if (state.Best is not null)
                Write(writer, state.Best);
            Write(writer, [.. state.Optimizer.Select(m => m.First)]);
            Write(writer, [.. state.Optimizer.Select(m => m.Second)]);
            if (state.Average is not null)
                Write(writer, state.Average);
        }

        return stream.ToArray();
    }

    private static void Write(BinaryWriter writer, IReadOnlyList<NamedTensor> tensors)
    {
        writer.Write(tensors.Count);
        foreach (NamedTensor tensor in tensors)
        {
            writer.Write(tensor.Name);
            writer.Write(tensor.Shape.Length);
            foreach (long extent in tensor.Shape)
                writer.Write(extent);
            foreach (float value in tensor.Values)
                writer.Write(value);
        }
    }

    private static Checkpoint ReadPayload(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload, writable: false), Encoding.UTF8);
        byte[] json = reader.ReadBytes(Count(reader, bytesEach: 1));
        CheckpointSummary summary = JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointSummary)
            ?? throw new InvalidDataException("the description of its run is missing.");
        for (int i = 0; i < summary.Epochs.Count; i++)
        {
            if (summary.Epochs[i]?.Epoch != i + 1)
                throw new InvalidDataException(Invariant($"its epoch {i + 1} is missing."));
        }

        IReadOnlyList<NamedTensor> network = ReadTensors(reader);
        IReadOnlyList<NamedTensor>? best = reader.ReadBoolean() ? ReadTensors(reader) : null;
        IReadOnlyList<NamedTensor> first = ReadTensors(reader), second = ReadTensors(reader);
        IReadOnlyList<NamedTensor>? average = Remaining(reader) == 0 ? null : ReadTensors(reader);
        if (Remaining(reader) != 0)
            throw new InvalidDataException("it has unexpected content at its end.");
        if (summary.Epochs.Count == 0 || first.Count != second.Count || first.Count != summary.Steps.Count)
            throw new InvalidDataException("its parts do not fit each other.");
        AdamMoments[] optimizer = [.. summary.Steps.Select((steps, i) => new AdamMoments(steps, first[i], second[i]))];
        return new Checkpoint(
            new RunIdentity(summary.Run), new TrainingState(StoredEpoch.ToMetrics(summary.Epochs), network, best, optimizer, average));
    }

    private static List<NamedTensor> ReadTensors(BinaryReader reader)
    {
        // A name and a rank have at least five bytes.
        int count = Count(reader, bytesEach: 5);
        var tensors = new List<NamedTensor>(count);
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadString();
            int rank = reader.ReadInt32();
            if (rank is < 0 or > MaximumRank)
                throw new InvalidDataException(Invariant($"'{name}' has {rank} dimensions."));
            var shape = new long[rank];
            long values = 1, available = Remaining(reader) / sizeof(float);
            for (int dimension = 0; dimension < rank; dimension++)
            {
                shape[dimension] = reader.ReadInt64();
                if (shape[dimension] <= 0 || shape[dimension] > available / values)
                    throw new InvalidDataException($"'{name}' is larger than the file.");
                values *= shape[dimension];
            }

            byte[] bytes = reader.ReadBytes(checked((int)values * sizeof(float)));
            if (bytes.Length != values * sizeof(float))
                throw new InvalidDataException($"'{name}' is larger than the file.");
            tensors.Add(new NamedTensor(name, [.. shape], ToSingles(bytes)));
        }

        return tensors;
    }

    private static float[] ToSingles(byte[] bytes)
    {
        var values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        return values;
    }

    private static int Count(BinaryReader reader, int bytesEach)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > Remaining(reader) / bytesEach)
            throw new InvalidDataException(Invariant($"it declares {count} entries, more than its content can hold."));
        return count;
    }

    private static long Remaining(BinaryReader reader) => reader.BaseStream.Length - reader.BaseStream.Position;
}

/// <summary>Represents the content of a checkpoint other than tensors.</summary>
internal sealed record CheckpointSummary(
    IReadOnlyDictionary<string, string> Run, IReadOnlyList<StoredEpoch> Epochs, IReadOnlyList<long> Steps);

/// <summary>Provides the source-generated serialization of <see cref="CheckpointSummary"/>.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CheckpointSummary))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
