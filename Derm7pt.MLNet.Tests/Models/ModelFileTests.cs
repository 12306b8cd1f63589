using System.Runtime.InteropServices;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Onnx;
using Derm7pt.MLNet.Scoring;
using Google.Protobuf;

namespace Derm7pt.MLNet.Tests.Models;

[TestClass]
public sealed class ModelFileTests
{
    private const string SomeTensor = "heads.dense_weight";
    private static readonly byte[] Good = ModelFile.Write(TestModels.Small());

    [TestMethod]
    [DataRow(GateMode.Learned, false)]
    [DataRow(GateMode.Closed, false)]
    [DataRow(GateMode.Learned, true)]
    public void Read_WrittenFile_GivesTheSameModel(GateMode gates, bool binary)
    {
        Taxonomy taxonomy = binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt;
        MultiTaskModel model = TestModels.Small(gates, taxonomy, 3, 2, 3);
        var input = new FittedInput("Picture", IsImage: false, ["Score", "StreaksPredictedLabel"]);
        byte[] file = ModelFile.Write(model, input);

        SavedModel read = ModelFile.Read(file, "model.onnx");

        Assert.AreEqual(taxonomy.ToJson(), read.Model.Taxonomy.ToJson());
        Assert.AreEqual(model.Network, read.Model.Network);
        Assert.AreEqual((TestModels.Height, TestModels.Width), (read.Model.ImageHeight, read.Model.ImageWidth));
        AssertEqual(model.Members[0].State, [.. read.Model.Members[0].State]);
        AssertHistory(model.History, read.Model.History);
        Assert.AreEqual("Picture", read.Input.ImageColumnName);
        Assert.IsFalse(read.Input.IsImage);
        CollectionAssert.AreEqual(new[] { "Score", "StreaksPredictedLabel" }, read.Input.OtherColumns);

        // The graph is built again from the data that were read, and is equal byte for byte.
        CollectionAssert.AreEqual(file, read.Onnx);
    }

    [TestMethod]
    public void Read_HistoryWithInfinity_KeepsIt()
    {
        MultiTaskModel model = TestModels.Small();
        EpochMetrics measured = model.History.Epochs[0];
        var epoch = new EpochMetrics(measured.Epoch, double.PositiveInfinity, measured.Validation, measured.Sharing, measured.Duration);

        SavedModel read = ModelFile.Read(ModelFile.Write(model.WithHistory(new TrainingHistory([epoch], 1))), "x");

        Assert.AreEqual(double.PositiveInfinity, read.Model.History.Epochs[0].TrainingLoss);
    }

    [TestMethod]
    public void Read_ForeignMetadataAndNodes_AreIgnored()
    {
        byte[] file = TestModels.Forge(Good, model =>
        {
            model.MetadataProps.Add(new StringStringEntryProto { Key = "somebody's", Value = new string('x', 2_000_000) });
            model.Graph.Node.Clear();
            model.Graph.Node.Add(new NodeProto { OpType = "Loop" });
        });

        CollectionAssert.AreEqual(Good, ModelFile.Read(file, "x").Onnx);
    }

    [TestMethod]
    public void Read_AnyBitFlipped_IsRefused()
    {
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            byte[] file = [.. Good];
            file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            Refused(file);
        }
    }

    [TestMethod]
    public void Read_Truncated_IsRefused()
    {
        for (int length = 0; length < Good.Length; length += 397)
            Refused(Good[..length]);
        Refused(Good[..^1]);
        // A file that is cut between two fields is still a valid protocol buffer.
        StringAssert.Contains(Refused(ModelFile.Unseal(Good).ToArray()).Problem, "checksum");
    }

    [TestMethod]
    public void Read_SomethingElse_SaysWhatItIsNot()
    {
        var noise = new byte[5000];
        new Random(3).NextBytes(noise);
        StringAssert.Contains(Refused([]).Problem, "it is empty");
        StringAssert.Contains(Refused(noise).Problem, "neither a model that ML.NET saved nor an ONNX model");
        StringAssert.Contains(Refused("not a model"u8.ToArray()).Problem, "neither");
        StringAssert.Contains(
            Refused(new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "other" } }.ToByteArray()).Problem, "did not write");
        StringAssert.StartsWith(Refused([]).Message, "The file 'broken' cannot be loaded: ");
        Assert.AreEqual("broken", Refused([]).Path);
    }

    [TestMethod]
    public void Read_NestedMillionfold_IsRefused()
    {
        // Graphs are nested in graphs, and groups in groups.
        var nested = new byte[1_000_000];
        for (int i = 0; i < nested.Length; i += 4)
            (nested[i], nested[i + 1], nested[i + 2], nested[i + 3]) = (0x3A, 0xFF, 0xFF, 0x3F);
        Refused(nested);
        Array.Fill(nested, (byte)0x0B);
        StringAssert.Contains(Refused(nested).Problem, "unknown wire type 3");
    }

    [TestMethod]
    public void Read_ModelWithRecipe_KeepsIt()
    {
        MultiTaskModel small = TestModels.Small(), model = small with
        {
            Members =
            [
                small.Members[0] with
                {
                    Recipe = new TrainingRecipe
                    {
                        Network = new NetworkOptions { FiltersPerBlock = [2, 2], WidthMultiplier = 0.5 },
                        Training = new TrainingOptions { Seed = 11, Augmentation = null },
                    },
                },
            ],
            TrainingDetails = new Dictionary<string, string> { ["Sampling"] = "as it comes" },
        };

        MultiTaskModel read = ModelFile.Read(ModelFile.Write(model), "x").Model;

        Assert.AreEqual(model.Recipe!.ToJson(), read.Recipe!.ToJson());
        CollectionAssert.AreEqual(model.TrainingDetails.ToArray(), read.TrainingDetails.ToArray());
    }

    [TestMethod]
    [DataRow("""{"network": {"filtersPerBlock": [1, 2]}}""", "its recipe describes another network than it holds")]
    [DataRow("""{"network": {"filtersPerBlock": [1, 1], "gates": "Closed"}}""", "its recipe describes another network than it holds")]
    [DataRow("""{"network": {"filtersPerBlock": [1, 1], "width": 1}}""", "'network.width' is unknown")]
    [DataRow("""{"network": {"filtersPerBlock": [1000000000, 1]}}""", "its recipe cannot be read")]
    [DataRow("""[[[""", "its recipe cannot be read")]
    public void Read_RecipeThatDoesNotFit_IsRefused(string recipe, string expected) =>
        StringAssert.Contains(
            Forged(model => model.MetadataProps.Add(new StringStringEntryProto { Key = ModelFile.RecipeKey, Value = recipe })), expected);

    [TestMethod]
    public void Read_NewerFormat_SaysSo() =>
        StringAssert.Contains(Forged(SetMetadata(ModelFile.FormatVersionKey, "5")), "written by a newer version of Derm7pt.MLNet: it has format 5");

    [TestMethod]
    [DataRow(ModelFile.FormatVersionKey, "one", "format version must be a number from 1 on, got 'one'")]
    [DataRow(ModelFile.FormatVersionKey, "0", "got '0'")]
    [DataRow(ModelFile.TaxonomyKey, "[]", "tasks cannot be read")]
    [DataRow(ModelFile.TaxonomyKey, "{", "not valid JSON")]
    [DataRow(ModelFile.TaxonomyKey, """{"name":"x","tasks":[null]}""", "tasks[0] is null")]
    [DataRow(ModelFile.TaxonomyKey, """{"name":"x","tasks":[{"name":"a","column":"a","kind":"criterion","labels":[null,null]}]}""", "tasks[0].labels[0] is null")]
    [DataRow(ModelFile.TaxonomyKey, """{"name":"x","tasks":[{"name":"a","column":"a","kind":"criterion","labels":[{"name":"l","values":[null]},{"name":"m","values":["v"]}]}]}""", "tasks[0].labels[0].values[0] is null")]
    [DataRow(ModelFile.NetworkKey, "null", "is missing")]
    [DataRow(ModelFile.NetworkKey, "{}", "cannot be read")]
    [DataRow(ModelFile.NetworkKey, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "cannot be read")]
    [DataRow(ModelFile.HistoryKey, "{\"Epochs\":null,\"BestEpoch\":0}", "cannot be read")]
    [DataRow(ModelFile.HistoryKey, "{\"Epochs\":[null],\"BestEpoch\":0}", "no later epoch")]
    [DataRow(ModelFile.HistoryKey, "{\"Epochs\":[],\"BestEpoch\":1}", "best epoch of its history is 1")]
    [DataRow(ModelFile.HistoryKey, "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "cannot be read")]
    [DataRow(ModelFile.InputKey, """{"ImageColumnName":" ","IsImage":true,"OtherColumns":[]}""", "a name must have")]
    [DataRow(ModelFile.InputKey, """{"ImageColumnName":"Image","IsImage":true,"OtherColumns":["Score","Score"]}""", "occur twice")]
    [DataRow(ModelFile.InputKey, """{"ImageColumnName":"Image","IsImage":true,"OtherColumns":["Notes"]}""", "unknown")]
    public void Read_WrongMetadata_SaysWhatIsWrong(string key, string value, string expected) =>
        StringAssert.Contains(Forged(SetMetadata(key, value)), expected);

    [TestMethod]
    [DataRow("\"channels\":1,\"kernelSize\":3,\"stride\":1", "\"channels\":0,\"kernelSize\":3,\"stride\":1", "A block must have 1 to 16384 filters")]
    [DataRow("\"channels\":1,\"kernelSize\":3,\"stride\":1", "\"channels\":2147483647,\"kernelSize\":3,\"stride\":1", "A block must have 1 to 16384 filters")]
    [DataRow("\"channels\":1,\"kernelSize\":3,\"stride\":1", "\"channels\":16384,\"kernelSize\":3,\"stride\":1", "1048640 gates")]
    [DataRow("\"channels\":1,\"kernelSize\":3,\"stride\":1", "\"channels\":1,\"kernelSize\":3,\"stride\":0", "a stride and a pooling from 1 to 64")]
    [DataRow("\"channels\":1,\"kernelSize\":3,\"stride\":1", "\"channels\":1,\"kernelSize\":65,\"stride\":1", "a kernel size, a stride and a pooling from 1 to 64")]
    [DataRow("\"channels\":1,\"kernelSize\":3,\"stride\":1", "\"channels\":1,\"kernelSize\":3,\"stride\":5", "too small for 2 blocks")]
    [DataRow("\"channels\":1,\"kernelSize\":3,\"stride\":1", "\"channels\":2,\"kernelSize\":3,\"stride\":1", "'blocks.1.kernel' must have shape [16, 4, 3, 3], got [8, 4, 3, 3]")]
    [DataRow("{\"channels\":1,\"kernelSize\":3,\"stride\":1,\"padding\":0,\"pooling\":2,\"mixWidth\":null}", "null", "is not possible")]
    [DataRow("\"blocks\":[{\"channels\":1,\"kernelSize\":5,\"stride\":2,\"padding\":0,\"pooling\":2,\"mixWidth\":null},{\"channels\":1,\"kernelSize\":3,\"stride\":1,\"padding\":0,\"pooling\":2,\"mixWidth\":null}]", "\"blocks\":[]", "must have 1 to 16 blocks, got 0")]
    [DataRow("\"steepness\":3", "\"steepness\":-1", "GateSteepness must be positive, got -1")]
    [DataRow("\"steepness\":3", "\"steepness\":3,\"speed\":1", "cannot be read")]
    [DataRow("\"mode\":\"Learned\"", "\"mode\":\"Ajar\"", "cannot be read")]
    [DataRow("\"mode\":\"Learned\"", "\"mode\":7", "Gates must be Learned or Closed, got 7")]
    [DataRow("\"mode\":\"Learned\",", "", "cannot be read")]
    [DataRow("\"kind\":\"gates\"", "\"kind\":\"doors\"", "the sharing scheme 'doors' is unknown; expected one of")]
    [DataRow("\"kind\":\"gates\",", "", "'kind' must be a text")]
    [DataRow("{\"kind\":\"pixels\"}", "null", "cannot be read")]
    [DataRow("{\"kind\":\"pixels\"}", "7", "cannot be read")]
    [DataRow("\"dropout\":0.3", "\"dropout\":1", "Dropout must be in [0, 1), got 1")]
    [DataRow("[5,3,2,3,3,3,3,2]", "[5,3,2,3,3,3,3,-2]", "its network gives [5, 3, 2, 3, 3, 3, 3, -2]")]
    public void Read_WrongNetwork_SaysWhatIsWrong(string find, string replacement, string expected) =>
        StringAssert.Contains(
            Forged(model =>
            {
                StringStringEntryProto entry = model.MetadataProps.Single(e => e.Key == ModelFile.NetworkKey);
                StringAssert.Contains(entry.Value, find);
                entry.Value = entry.Value.Replace(find, replacement, StringComparison.Ordinal);
            }),
            expected);

    [TestMethod]
    public void Read_MissingOrDoubleEntry_SaysWhich()
    {
        foreach (string key in new[] { ModelFile.NetworkKey, ModelFile.HistoryKey, ModelFile.InputKey, ModelFile.TaxonomyKey })
            StringAssert.Contains(Forged(model => model.MetadataProps.Remove(model.MetadataProps.Single(e => e.Key == key))), $"no entry '{key}'");
        StringAssert.Contains(
            Forged(model => model.MetadataProps.Add(new StringStringEntryProto { Key = ModelFile.NetworkKey })), "two entries 'derm7pt.network'");
        StringAssert.Contains(
            Forged(SetMetadata(ModelFile.InputKey, new string(' ', (1 << 20) + 1))), "at most 1048576 are allowed");
    }

    [TestMethod]
    public void Read_OtherTaxonomy_SaysHowManyLabelsItHas() =>
        StringAssert.Contains(Forged(SetMetadata(ModelFile.TaxonomyKey, Taxonomy.BinaryDiagnosis.ToJson())), "its tasks have [2, 3");

    [TestMethod]
    public void Read_WrongTensor_SaysWhatIsExpected()
    {
        (Action<TensorProto> Change, string Expected)[] cases =
        [
            (tensor => tensor.Dims[0] = 9, "'heads.dense_weight' must have shape [8, 4, 4], got [9, 4, 4]"),
            (tensor => tensor.Dims[0] = -8, "got [-8, 4, 4]"),
            (tensor => tensor.Dims[0] = long.MaxValue, "got [9223372036854775807, 4, 4]"),
            (tensor => tensor.Dims.Add(Enumerable.Repeat(1L, 100)), "more than 8 dimensions"),
            (tensor => tensor.RawData = ByteString.CopyFrom(tensor.RawData.Span[4..]), "must have 512 bytes of data, got 508"),
            (tensor => tensor.RawData = ByteString.Empty, "got 0"),
            (tensor => tensor.DataType = (int)TensorProto.Types.DataType.Int64, "must hold single-precision values"),
            (tensor => SetValue(tensor, 3, float.NaN), "holds the value NaN at position 3"),
            (tensor => SetValue(tensor, 0, float.NegativeInfinity), "-Infinity at position 0"),
            (tensor => tensor.Name = "other", "'heads.dense_weight' is missing"),
            (tensor => tensor.Name = "heads.dense_bias", "two tensors named 'heads.dense_bias'"),
        ];
        foreach ((Action<TensorProto> change, string expected) in cases)
            StringAssert.Contains(Forged(model => change(Initializer(model, SomeTensor))), expected);
        StringAssert.Contains(Forged(model => SetValue(Initializer(model, "sharing.0.running_var"), 0, -1)), "'sharing.0.running_var' holds -1 at position 0, expected at least 0");
    }

    [TestMethod]
    public void Read_WrongInput_SaysWhatIsExpected()
    {
        StringAssert.Contains(Forged(model => Extent(model, 2).DimValue = 20_000), "at most 8192 pixels each way, got [0, 3, 20000, 32]");
        StringAssert.Contains(Forged(model => Extent(model, 3).DimValue = -1), "got [0, 3, 21, -1]");
        StringAssert.Contains(Forged(model => Extent(model, 1).DimValue = 4), "got [0, 4, 21, 32]");
        StringAssert.Contains(Forged(model => Extent(model, 3).DimValue = 5), "5×21 pixels are too small for 2 blocks");
        StringAssert.Contains(Forged(model => model.Graph.Input.Clear()), "one input, got none");
        StringAssert.Contains(Forged(model => model.Graph.Input.Add(model.Graph.Input[0].Clone())), "one input, got more");

        static TensorShapeProto.Types.Dimension Extent(ModelProto model, int dimension) =>
            model.Graph.Input[0].Type.TensorType.Shape.Dim[dimension];
    }

    [TestMethod]
    public void Score_WeightsThatOverflow_ThrowsRatherThanGivingNoNumber()
    {
        MultiTaskModel wild = TestModels.Small().With(
            tensor => tensor.Name.Contains("weight", StringComparison.Ordinal)
                ? tensor with { Values = [.. tensor.Values.Select(value => value * 1e30f)] }
                : tensor);
        SavedModel saved = ModelFile.Read(ModelFile.Write(wild), "wild");
        using var scorer = new OnnxScorer(saved.Onnx, saved.Model.Outputs, TestModels.Height, TestModels.Width, typeof(OnnxScorer));

        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(
            () => scorer.Score(OnnxRun.RandomImages(wild, 1, seed: 1)[0], 1));

        StringAssert.Contains(e.Message, "'DiagnosisScore' that is not a number");
    }

    [TestMethod]
    public void Load_MissingFile_ThrowsFileNotFound() =>
        Assert.ThrowsExactly<FileNotFoundException>(() => ModelFile.Load(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip")));

    private static string Forged(Action<ModelProto> change) => Refused(TestModels.Forge(Good, change)).Problem;

    private static Derm7ptModelException Refused(byte[] file) =>
        Assert.ThrowsExactly<Derm7ptModelException>(() => ModelFile.Read(file, "broken"));

    private static Action<ModelProto> SetMetadata(string key, string value) =>
        model => model.MetadataProps.Single(entry => entry.Key == key).Value = value;

    private static TensorProto Initializer(ModelProto model, string name) => model.Graph.Initializer.Single(tensor => tensor.Name == name);

    private static void SetValue(TensorProto tensor, int position, float value)
    {
        byte[] raw = tensor.RawData.ToByteArray();
        MemoryMarshal.Cast<byte, float>(raw.AsSpan())[position] = value;
        tensor.RawData = ByteString.CopyFrom(raw);
    }

    private static void AssertEqual(IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> actual)
    {
        Assert.HasCount(expected.Count, actual);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.AreEqual(expected[i].Name, actual[i].Name);
            CollectionAssert.AreEqual(expected[i].Shape, actual[i].Shape);
            CollectionAssert.AreEqual(expected[i].Values, actual[i].Values);
        }
    }

    private static void AssertHistory(TrainingHistory expected, TrainingHistory actual)
    {
        Assert.AreEqual(expected.BestEpoch, actual.BestEpoch);
        Assert.HasCount(expected.Epochs.Count, actual.Epochs);
        foreach ((EpochMetrics x, EpochMetrics y) in expected.Epochs.Zip(actual.Epochs))
        {
            Assert.AreEqual((x.Epoch, x.TrainingLoss, x.Duration), (y.Epoch, y.TrainingLoss, y.Duration));
            CollectionAssert.AreEqual(x.Sharing.SelectMany(block => block).ToArray(), y.Sharing.SelectMany(block => block).ToArray());
            Assert.AreEqual(x.Validation?.Loss, y.Validation?.Loss);
            CollectionAssert.AreEqual(x.Validation?.TaskLosses.ToArray(), y.Validation?.TaskLosses.ToArray());
            CollectionAssert.AreEqual(x.Validation?.MacroF1.ToArray(), y.Validation?.MacroF1.ToArray());
            CollectionAssert.AreEqual(x.Validation?.Accuracy.ToArray(), y.Validation?.Accuracy.ToArray());
        }
    }
}
