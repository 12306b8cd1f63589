using System.Runtime.InteropServices;
using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence;
using Derm7pt.MLNet.Persistence.Onnx;
using Google.Protobuf;

namespace Derm7pt.MLNet.Tests.Persistence;

[TestClass]
public sealed class ModelFileTests
{
    private const string SomeTensor = "state/heads.dense_weight";
    private static readonly byte[] Good = ModelFile.Write(Models.Small());

    [TestMethod]
    [DataRow(GateMode.Learned, false)]
    [DataRow(GateMode.Closed, false)]
    [DataRow(GateMode.Learned, true)]
    public void Read_WrittenFile_GivesTheSameModel(GateMode gates, bool binary)
    {
        Taxonomy taxonomy = binary ? Taxonomy.BinaryDiagnosis : Taxonomy.Derm7pt;
        MultiTaskModel model = Models.Small(gates, taxonomy, 3, 2, 3);
        var input = new FittedInput("Picture", IsImage: false, ["Score", "StreaksPredictedLabel"]);
        byte[] file = ModelFile.Write(model, input);

        SavedModel read = ModelFile.Read(file, "model.onnx");

        Assert.AreEqual(taxonomy.ToJson(), read.Model.Taxonomy.ToJson());
        Assert.AreEqual(model.ParameterCount, read.Model.ParameterCount);
        Assert.AreEqual(gates, read.Model.Shape.Gates);
        Assert.AreEqual(3, read.Model.Shape.GateSteepness);
        Assert.AreEqual(0.3, read.Model.Shape.Dropout);
        CollectionAssert.AreEqual(new[] { 2, 3 }, read.Model.Shape.Filters);
        AssertEqual(model.State, [.. read.Model.State]);
        AssertEqual(model.Folded.GateAlphas, read.Model.Folded.GateAlphas);
        AssertHistory(model.History, read.Model.History);
        Assert.AreEqual("Picture", read.Input.ImageColumnName);
        Assert.IsFalse(read.Input.IsImage);
        CollectionAssert.AreEqual(new[] { "Score", "StreaksPredictedLabel" }, read.Input.OtherColumns);

        // The graph is made anew from what was read, and it is the same to the last byte: folded weights are exact.
        CollectionAssert.AreEqual(file, read.Onnx);
    }

    [TestMethod]
    public void Read_HistoryWithInfinity_KeepsIt()
    {
        MultiTaskModel model = Models.Small();
        EpochMetrics epoch = model.History.Epochs[0] with { TrainingLoss = double.PositiveInfinity };

        SavedModel read = ModelFile.Read(ModelFile.Write(model with { History = new TrainingHistory([epoch], 1) }), "x");

        Assert.AreEqual(double.PositiveInfinity, read.Model.History.Epochs[0].TrainingLoss);
    }

    [TestMethod]
    public void Read_ForeignMetadataAndNodes_AreIgnored()
    {
        byte[] file = Models.Forge(Good, model =>
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
        // Cut between two fields, it is still a protocol buffer.
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
        // A graph in a graph in a graph, and groups in groups.
        var nested = new byte[1_000_000];
        for (int i = 0; i < nested.Length; i += 4)
            (nested[i], nested[i + 1], nested[i + 2], nested[i + 3]) = (0x3A, 0xFF, 0xFF, 0x3F);
        Refused(nested);
        Array.Fill(nested, (byte)0x0B);
        StringAssert.Contains(Refused(nested).Problem, "unknown wire type 3");
    }

    [TestMethod]
    public void Read_FormatOne_GivesTheSameModel()
    {
        // As format 1 had it: every task a group, and no zeros between them.
        MultiTaskModel model = Models.Small(filters: [2, 4]);
        byte[] written = ModelFile.Write(model);
        FoldedBlock block = model.Folded.Blocks[1];
        byte[] old = Models.Forge(written, proto =>
        {
            SetMetadata(OnnxGraphWriter.FormatVersionKey, "1")(proto);
            TensorProto kernel = proto.Graph.Initializer.Single(tensor => tensor.Name == block.Kernel.Name);
            Assert.AreEqual(16, kernel.Dims[1], "two tasks share a group now");
            kernel.Dims[1] = 8;
            kernel.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(block.Kernel.Values.AsSpan()));
            proto.Graph.Node.Single(node => node.Input.Contains(kernel.Name)).Attribute.Single(a => a.Name == "group").I = 8;
        });

        CollectionAssert.AreEqual(written, ModelFile.Read(old, "old.onnx").Onnx);
        StringAssert.Contains(
            Refused(Models.Forge(old, SetMetadata(OnnxGraphWriter.FormatVersionKey, "2"))).Problem,
            "'block2.kernel' must have shape [32, 16, 3, 3], got [32, 8, 3, 3]");
    }

    [TestMethod]
    public void Read_NewerFormat_SaysSo() =>
        StringAssert.Contains(Forged(SetMetadata(OnnxGraphWriter.FormatVersionKey, "3")), "written by a newer version of Derm7pt.MLNet: it has format 3");

    [TestMethod]
    [DataRow(OnnxGraphWriter.FormatVersionKey, "one", "format version must be a number from 1 on, got 'one'")]
    [DataRow(OnnxGraphWriter.FormatVersionKey, "0", "got '0'")]
    [DataRow(OnnxGraphWriter.TaxonomyKey, "[]", "tasks cannot be read")]
    [DataRow(OnnxGraphWriter.TaxonomyKey, "{", "not valid JSON")]
    [DataRow(OnnxGraphWriter.TaxonomyKey, """{"name":"x","tasks":[null]}""", "a task is null")]
    [DataRow(OnnxGraphWriter.TaxonomyKey, """{"name":"x","tasks":[{"name":"a","column":"a","kind":"criterion","labels":[null,null]}]}""", "is null")]
    [DataRow(OnnxGraphWriter.TaxonomyKey, """{"name":"x","tasks":[{"name":"a","column":"a","kind":"criterion","labels":[{"name":"l","values":[null]},{"name":"m","values":["v"]}]}]}""", "is null")]
    [DataRow(ModelFile.ShapeKey, "null", "is null")]
    [DataRow(ModelFile.ShapeKey, "{}", "cannot be read")]
    [DataRow(ModelFile.HistoryKey, "{\"Epochs\":null,\"BestEpoch\":0}", "cannot be read")]
    [DataRow(ModelFile.HistoryKey, "{\"Epochs\":[null],\"BestEpoch\":0}", "no later epoch")]
    [DataRow(ModelFile.HistoryKey, "{\"Epochs\":[],\"BestEpoch\":1}", "best epoch of its history is 1")]
    [DataRow(ModelFile.HistoryKey, "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "cannot be read")]
    [DataRow(ModelFile.ParameterCountKey, "-1", "parameters, got '-1'")]
    [DataRow(ModelFile.InputKey, """{"ImageColumnName":" ","IsImage":true,"OtherColumns":[]}""", "a name must have")]
    [DataRow(ModelFile.InputKey, """{"ImageColumnName":"Image","IsImage":true,"OtherColumns":["Score","Score"]}""", "occur twice")]
    [DataRow(ModelFile.InputKey, """{"ImageColumnName":"Image","IsImage":true,"OtherColumns":["Notes"]}""", "unknown")]
    public void Read_WrongMetadata_SaysWhatIsWrong(string key, string value, string expected) =>
        StringAssert.Contains(Forged(SetMetadata(key, value)), expected);

    [TestMethod]
    [DataRow("\"Filters\":[1,1]", "\"Filters\":[1,0]", "has [1, 0] filters")]
    [DataRow("\"Filters\":[1,1]", "\"Filters\":[]", "0 blocks")]
    [DataRow("\"Filters\":[1,1]", "\"Filters\":[16384,16384]", "2097152 gates")]
    [DataRow("\"Filters\":[1,1]", "\"Filters\":[1,1,1,1]", "too small for 4 blocks")]
    [DataRow("\"Filters\":[1,1]", "\"Filters\":[2147483647,2147483647]", "filters")]
    [DataRow("\"Filters\":[1,1]", "\"Filters\":[1,2]", "parameters")]
    [DataRow("\"GateSteepness\":3", "\"GateSteepness\":\"NaN\"", "gate steepness of NaN")]
    [DataRow("\"Gates\":\"Learned\"", "\"Gates\":\"Ajar\"", "cannot be read")]
    [DataRow("\"Gates\":\"Learned\"", "\"Gates\":7", "cannot be read")]
    [DataRow("\"Gates\":\"Learned\"", "\"Gates\":\"Closed\"", "parameters")]
    [DataRow("\"LabelCounts\":[5,", "\"LabelCounts\":[2,", "its tasks have [5, 3, 2, 3, 3, 3, 3, 2] labels, its network gives [2, 3")]
    [DataRow("\"Dropout\":0.3", "\"Dropout\":1", "dropout of 1")]
    public void Read_WrongShape_SaysWhatIsWrong(string find, string replacement, string expected) =>
        StringAssert.Contains(
            Forged(model =>
            {
                StringStringEntryProto entry = model.MetadataProps.Single(e => e.Key == ModelFile.ShapeKey);
                StringAssert.Contains(entry.Value, find);
                entry.Value = entry.Value.Replace(find, replacement, StringComparison.Ordinal);
            }),
            expected);

    [TestMethod]
    public void Read_MissingOrDoubleEntry_SaysWhich()
    {
        foreach (string key in new[] { ModelFile.ShapeKey, ModelFile.HistoryKey, ModelFile.InputKey, ModelFile.ParameterCountKey, OnnxGraphWriter.TaxonomyKey })
            StringAssert.Contains(Forged(model => model.MetadataProps.Remove(model.MetadataProps.Single(e => e.Key == key))), $"no entry '{key}'");
        StringAssert.Contains(
            Forged(model => model.MetadataProps.Add(new StringStringEntryProto { Key = ModelFile.ShapeKey })), "two entries 'derm7pt.shape'");
        StringAssert.Contains(
            Forged(SetMetadata(ModelFile.InputKey, new string(' ', ModelLimits.MetadataBytes + 1))), "at most 1048576 are allowed");
    }

    [TestMethod]
    public void Read_OtherTaxonomy_SaysHowManyLabelsItHas() =>
        StringAssert.Contains(Forged(SetMetadata(OnnxGraphWriter.TaxonomyKey, Taxonomy.BinaryDiagnosis.ToJson())), "its tasks have [2, 3");

    [TestMethod]
    public void Read_WrongTensor_SaysWhatIsExpected()
    {
        (Action<TensorProto> Change, string Expected)[] cases =
        [
            (tensor => tensor.Dims[0] = 9, "'state/heads.dense_weight' must have shape [8, 4, 4], got [9, 4, 4]"),
            (tensor => tensor.Dims[0] = -8, "got [-8, 4, 4]"),
            (tensor => tensor.Dims[0] = long.MaxValue, "got [9223372036854775807, 4, 4]"),
            (tensor => tensor.Dims.Add(Enumerable.Repeat(1L, 100)), "more than 8 dimensions"),
            (tensor => tensor.RawData = ByteString.CopyFrom(tensor.RawData.Span[4..]), "must have 512 bytes of data, got 508"),
            (tensor => tensor.RawData = ByteString.Empty, "got 0"),
            (tensor => tensor.DataType = (int)TensorProto.Types.DataType.Int64, "must hold single-precision values"),
            (tensor => SetValue(tensor, 3, float.NaN), "holds the value NaN at position 3"),
            (tensor => SetValue(tensor, 0, float.NegativeInfinity), "-Infinity at position 0"),
            (tensor => tensor.Name = "state/other", "'state/other' is not one of this network"),
            (tensor => tensor.Name = "other", "'state/heads.dense_weight' is missing"),
            (tensor => tensor.Name = "gates", "two tensors named 'gates'"),
            (tensor => SetValue(tensor, 5, 77), "'head.dense_kernel' holds"),
        ];
        foreach ((Action<TensorProto> change, string expected) in cases)
            StringAssert.Contains(Forged(model => change(Initializer(model, SomeTensor))), expected);
        StringAssert.Contains(Forged(model => SetValue(Initializer(model, "state/sharing.0.running_var"), 0, -1)), "negative variance");
    }

    [TestMethod]
    [DataRow("gates")]
    [DataRow("block1.kernel")]
    [DataRow("block2.mix_kernel")]
    [DataRow("block2.mix_bias")]
    [DataRow("head.mix_kernel")]
    [DataRow("head.dense_kernel")]
    [DataRow("head.dense_bias")]
    [DataRow("head.logits8_kernel")]
    [DataRow("head.logits1_bias")]
    public void Read_FoldedTensorThatItsStateDoesNotGive_SaysWhich(string name)
    {
        StringAssert.Contains(Forged(model => SetValue(Initializer(model, name), 1, 0.123f)), $"'{name}' holds 0.123 at position 1, its unfolded weights give");
        StringAssert.Contains(Forged(model => model.Graph.Initializer.Remove(Initializer(model, name))), $"'{name}' is missing");
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
    public void Read_WeightsThatOverflow_AreRefused()
    {
        MultiTaskModel wild = Models.Small().With(
            tensor => tensor.Name.Contains("weight", StringComparison.Ordinal)
                ? tensor with { Values = [.. tensor.Values.Select(value => value * 1e12f)] }
                : tensor);

        StringAssert.Contains(Refused(ModelFile.Write(wild)).Problem, "scores may not be numbers");
    }

    [TestMethod]
    public void Load_MissingFile_ThrowsFileNotFound() =>
        Assert.ThrowsExactly<FileNotFoundException>(() => ModelFile.Load(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip")));

    private static string Forged(Action<ModelProto> change) => Refused(Models.Forge(Good, change)).Problem;

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
