using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Scoring;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>Tests files that were damaged or forged at random, each with its own seed.</summary>
[TestClass]
public sealed class ModelFileFuzzTests
{
    /// <summary>Sets the number of files, for a longer run.</summary>
    private const string FilesVariable = "DERM7PT_FUZZ_FILES";

    private const int DefaultFiles = 1_200;
    private const int Kinds = 6;

    // Images of a forged size are scored only up to this.
    private const int PixelsToScore = 1 << 18;

    private static readonly byte[] OtherOnnx = ModelFile.Write(TestModels.Small(GateMode.Closed, Taxonomy.BinaryDiagnosis));

    private MultiTaskModel _model = TestModels.Small();
    private byte[] _onnx = [];

    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Read_MutatedFiles_GiveFiniteScoresOrTheOneException(int members)
    {
        if (members > 1)
            _model = TestTimeAugmentationTests.WithViews(TestModels.Combine([.. Enumerable.Range(0, members).Select(seed => TestModels.Small(seed: seed))]));
        _onnx = ModelFile.Write(_model);
        int files = int.TryParse(Environment.GetEnvironmentVariable(FilesVariable), CultureInfo.InvariantCulture, out int number)
            ? number
            : DefaultFiles;
        byte[] zip = SaveZip();
        int[] loadedOfKind = new int[Kinds], rejectedOfKind = new int[Kinds];
        var scored = new HashSet<string>();
        long mostAllocated = 0;
        var watch = Stopwatch.StartNew();
        for (int seed = 0; seed < files; seed++)
        {
            try
            {
                int kind = seed % Kinds;
                byte[] file = Mutate(zip, kind, seed);
                long before = GC.GetAllocatedBytesForCurrentThread();
                SavedModel? saved = Read(file);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                mostAllocated = Math.Max(mostAllocated, allocated);
                Assert.IsLessThan(8_000_000 + (20L * file.Length), allocated, "bytes allocated");
                if (saved is null)
                {
                    rejectedOfKind[kind]++;
                    continue;
                }

                loadedOfKind[kind]++;
                MultiTaskModel model = saved.Model;
                // A mutation often affects a part that scoring does not use.
                if (model.ImageHeight * model.ImageWidth <= PixelsToScore && scored.Add(Convert.ToHexString(SHA256.HashData(saved.Onnx))))
                    AssertFiniteScores(saved, seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"The file of seed {seed}: {e.Message}", e);
            }
        }

        TestContext.DisplayMessage(MessageLevel.Informational,
            $"{files} mutated files: {loadedOfKind.Sum()} loaded ({scored.Count} different ones, which were scored), {rejectedOfKind.Sum()} rejected, "
            + $"{watch.Elapsed.TotalSeconds:F1} s, at most {mostAllocated / 1e6:F1} MB allocated for one; "
            + $"by kind {string.Join(", ", loadedOfKind.Zip(rejectedOfKind, (loaded, rejected) => $"{loaded}+{rejected}"))}.");
        // The test is meaningful only if some files of every kind, except those with a wrong checksum, pass the first checks.
        Assert.IsTrue(rejectedOfKind.All(rejected => rejected > 0), "a kind has no file that is rejected");
        Assert.IsTrue(loadedOfKind[1..].All(loaded => loaded > 0), "a kind has no file that loads");
    }

    private static SavedModel? Read(byte[] file)
    {
        try
        {
            return ModelFile.Read(file, "mutated");
        }
        catch (Derm7ptModelException)
        {
            return null;
        }
    }

    private static void AssertFiniteScores(SavedModel saved, int seed)
    {
        MultiTaskModel model = saved.Model;
        using var scorer = new OnnxScorer(saved.Onnx, model.Outputs, model.ImageHeight, model.ImageWidth, typeof(OnnxScorer));
        float[] pixels = OnnxRun.RandomImages(model, 1, seed)[0];
        Prediction prediction;
        try
        {
            prediction = scorer.Score(pixels, 1)[0];
        }
        catch (InvalidOperationException e) when (e.Message.Contains("is not a number", StringComparison.Ordinal))
        {
            // The weights are so large that the sums overflow.
            return;
        }

        foreach (float[] scores in prediction.Scores)
        {
            Assert.IsTrue(scores.All(float.IsFinite), "a score is no number");
            Assert.AreEqual(1, scores.Sum(), 1e-3);
        }
    }

    private byte[] Mutate(byte[] zip, int kind, int seed)
    {
        var random = new Random(seed);
        return kind switch
        {
            0 => Bytes(_onnx, random),
            1 => ModelFile.Seal(Bytes(ModelFile.Unseal(_onnx).ToArray(), random)),
            2 => TestModels.Forge(_onnx, model => Fields(model, random)),
            3 => Wild(random),
            4 => Bytes(zip, random),
            _ => Rezip(zip, random),
        };
    }

    /// <summary>Damages a file without regard to its format.</summary>
    private static byte[] Bytes(byte[] source, Random random)
    {
        byte[] file = [.. source];
        for (int times = random.Next(1, 4); times > 0 && file.Length > 8; times--)
        {
            int at = random.Next(file.Length), length = Math.Min(1 << random.Next(14), file.Length - at);
            switch (random.Next(8))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file = file[..at];
                    break;
                case 2:
                    random.NextBytes(file.AsSpan(at, Math.Min(length, 16)));
                    break;
                case 3: // insert a part of another file
                    int from = random.Next(OtherOnnx.Length);
                    file = [.. file[..at], .. OtherOnnx[from..Math.Min(OtherOnnx.Length, from + length)], .. file[at..]];
                    break;
                case 4: // remove a part
                    file = [.. file[..at], .. file[(at + length)..]];
                    break;
                case 5: // swap two parts
                    int half = length / 2;
                    file = [.. file[..at], .. file[(at + half)..(at + length)], .. file[at..(at + half)], .. file[(at + length)..]];
                    break;
                case 6: // write a wrong length
                    byte[][] lengths = [[0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0], [0x7F]];
                    byte[] chosen = lengths[random.Next(lengths.Length)];
                    chosen.AsSpan(0, Math.Min(chosen.Length, file.Length - at)).CopyTo(file.AsSpan(at));
                    break;
                default: // repeat a part
                    file = [.. file[..(at + length)], .. file[at..]];
                    break;
            }
        }

        return file;
    }

    /// <summary>Modifies a file within its format, as an attacker would.</summary>
    private static void Fields(ModelProto model, Random random)
    {
        RepeatedField<TensorProto> tensors = model.Graph.Initializer;
        TensorProto tensor = tensors[random.Next(tensors.Count)], other = tensors[random.Next(tensors.Count)];
        long[] numbers = [0, -1, 1, 7, 64, 1000, int.MaxValue, long.MaxValue, long.MinValue];
        long number = numbers[random.Next(numbers.Length)];
        switch (random.Next(10))
        {
            case 0 when tensor.Dims.Count > 0:
                tensor.Dims[random.Next(tensor.Dims.Count)] = number;
                break;
            case 1:
                tensor.Name = other.Name;
                break;
            case 2:
                (tensor.RawData, other.RawData) = (other.RawData, tensor.RawData);
                break;
            case 3:
                tensors.Remove(tensor);
                break;
            case 4 when tensor.RawData.Length >= sizeof(float):
                float[] values = [float.NaN, float.PositiveInfinity, float.MaxValue, -1, 0, float.Epsilon];
                byte[] raw = tensor.RawData.ToByteArray();
                MemoryMarshal.Cast<byte, float>(raw.AsSpan())[random.Next(raw.Length / sizeof(float))] = values[random.Next(values.Length)];
                tensor.RawData = ByteString.CopyFrom(raw);
                break;
            case 5:
                model.Graph.Input[0].Type.TensorType.Shape.Dim[random.Next(4)].DimValue = random.Next(2) == 0 ? number : random.Next(300);
                break;
            case 6:
                tensor.DataType = (int)number;
                break;
            default:
                StringStringEntryProto entry = model.MetadataProps[random.Next(model.MetadataProps.Count)];
                entry.Value = Text(entry.Value, number, random);
                break;
        }
    }

    private static string Text(string text, long number, Random random)
    {
        int at = random.Next(text.Length), length = Math.Min(random.Next(1, 40), text.Length - at);
        int digit = text.AsSpan(at).IndexOfAnyInRange('0', '9');
        return random.Next(6) switch
        {
            0 when digit >= 0 => text.Remove(at + digit, 1).Insert(at + digit, number.ToString(CultureInfo.InvariantCulture)),
            1 => text.Remove(at, length),
            2 => text.Insert(at, text.Substring(at, length)),
            3 => text.Remove(at, 1).Insert(at, ((char)random.Next(1, 0x250)).ToString()),
            4 => text.Insert(text.IndexOf('"', at) + 1, "\\ud800"),
            _ => text.Remove(at, length).Insert(at, "null"),
        };
    }

    /// <summary>Creates a complete and consistent model with weights that training cannot produce.</summary>
    private byte[] Wild(Random random)
    {
        string name = _model.Members[0].State[random.Next(_model.Members[0].State.Count)].Name;
        float factor = MathF.Pow(10, random.Next(-40, 38)) * (random.Next(3) - 1);
        return ModelFile.Write(_model.With(tensor =>
            tensor.Name == name ? tensor with { Values = [.. tensor.Values.Select(value => value * factor)] } : tensor));
    }

    /// <summary>Creates a complete zip file with invalid content, or with wrong sizes in its directory.</summary>
    private static byte[] Rezip(byte[] zip, Random random)
    {
        int kind = random.Next(4);
        using var file = new MemoryStream();
        using (var source = new ZipArchive(new MemoryStream(zip), ZipArchiveMode.Read))
        using (var target = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                using var content = new MemoryStream();
                using (Stream stream = entry.Open())
                    stream.CopyTo(content);
                bool isNetwork = entry.FullName.EndsWith("OnnxModel", StringComparison.Ordinal);
                byte[] bytes = content.ToArray();
                if (isNetwork && kind < 2)
                {
                    // ML.NET writes the length first.
                    byte[] network = kind == 0
                        ? ModelFile.Seal(Bytes(ModelFile.Unseal(bytes.AsSpan(sizeof(int))).ToArray(), random))
                        : TestModels.Forge(bytes[sizeof(int)..], model => Fields(model, random));
                    bytes = [.. BitConverter.GetBytes(network.Length), .. network];
                }

                string name = isNetwork && random.Next(4) == 0 ? $"../../{entry.FullName}" : entry.FullName;
                using Stream written = target.CreateEntry(name, CompressionLevel.Fastest).Open();
                written.Write(bytes);
            }
        }

        byte[] result = file.ToArray();
        if (kind == 2)
        {
            // Changes a number in a record of the central directory; the last record is that of the network or close to it.
            int header = result.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
            int[] fields = [8, 16, 20, 24, 28, 30, 32, 42];
            BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(header + fields[random.Next(fields.Length)]), random.Next(int.MinValue, int.MaxValue));
        }

        return result;
    }

    private byte[] SaveZip()
    {
        var ml = new MLContext();
        IDataView input = new ScoringData(_model, count: 1, seed: 1).View(ml, asImages: false, "Image");
        using var stage = new Derm7ptMultiTaskTransformer(_model, "Image", input.Schema, scoringBatchSize: 1);
        using var file = new MemoryStream();
        ml.Model.Save(stage, input.Schema, file);
        return file.ToArray();
    }
}
