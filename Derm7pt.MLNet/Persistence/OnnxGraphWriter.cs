using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Persistence.Onnx;
using Derm7pt.MLNet.Scoring;
using Google.Protobuf;

namespace Derm7pt.MLNet.Persistence;

/// <summary>Writes a <see cref="FoldedNetwork"/> as an ONNX model, outputs named as the columns of the stage.</summary>
/// <remarks>
/// <para>Input: <c>Pixels</c>, float [N, 3, H, W], RGB in [0, 1]. N is dynamic.</para>
/// <list type="table">
/// <listheader><term>Output</term><description>Type and meaning</description></listheader>
/// <item><term><c>{Task}Score</c></term><description>float [N, labels]: probabilities.</description></item>
/// <item><term><c>{Task}PredictedLabel</c></term>
/// <description>int64 [N, 1]: the zero-based label of the highest probability, the first of equals.</description></item>
/// <item><term><c>GateAlphas</c></term>
/// <description>
/// float [N, Σ T·T·C]: the gates of all blocks, the same for every image; see <see cref="GateSlotNames"/>.
/// </description></item>
/// <item><term><c>SevenPointScore</c></term>
/// <description>float [N, 1]: the sum of the predicted labels' checklist scores.</description></item>
/// <item><term><c>MelanomaProbability</c></term>
/// <description>
/// float [N, 1]: the probability of the diagnosis' melanoma labels; absent where the taxonomy has none.
/// </description></item>
/// </list>
/// </remarks>
internal static class OnnxGraphWriter
{
    /// <summary>Raised when a reader of older files could misread a newer one.</summary>
    /// <remarks>Format 2 writes grouped convolutions as <see cref="MergedGroups"/> gives them; format 1 wrote them as they are.</remarks>
    public const int FormatVersion = 2;

    public const string FormatVersionKey = "derm7pt.format";
    public const string LibraryVersionKey = "derm7pt.version";
    public const string TaxonomyKey = "derm7pt.taxonomy";
    public const string LabelsKey = "derm7pt.labels";

    private const int IrVersion = 8;
    private const int OpsetVersion = 13;
    private const string MachineLearningDomain = "ai.onnx.ml";
    private const int MachineLearningOpsetVersion = 2;
    private const string BatchDimension = "N";

    private const string InputDocumentation =
        "Pixels [N, 3, height, width]: planes red, green, blue; rows from the top; bytes times 1/255, so values in [0, 1].";

    private const string ModelDocumentation =
        "Gated multi-task network for dermoscopy images. {Task}Score: probabilities of the labels; {Task}PredictedLabel: the zero-based "
        + "label of the highest one; GateAlphas: the gates, [block][taking task, giving task, channel]; SevenPointScore; MelanomaProbability. "
        + "Labels are in the metadata. Research software, not a medical device.";

    /// <summary>The version of this library, as it is written into files.</summary>
    public static string LibraryVersion { get; } =
        typeof(OnnxGraphWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Writes the model.</summary>
    /// <param name="network">The network.</param>
    /// <param name="taxonomy">Its tasks and labels.</param>
    /// <param name="metadata">Further entries of the file's metadata.</param>
    /// <param name="extraTensors">
    /// Further tensors that the file carries and scoring ignores, for example unfolded weights.
    /// </param>
    /// <exception cref="ArgumentException">A shape does not fit, or a name or metadata key occurs twice.</exception>
    public static ModelProto Write(
        FoldedNetwork network,
        Taxonomy taxonomy,
        IReadOnlyDictionary<string, string>? metadata = null,
        IEnumerable<NamedTensor>? extraTensors = null)
    {
        FoldedNetworkValidation.Check(network, taxonomy);

        var graph = new Graph();
        graph.Input(ColumnNames.Pixels, [3, network.ImageHeight, network.ImageWidth], InputDocumentation);
        string features = graph.Head(network, graph.Blocks(network));
        graph.Outputs(network, taxonomy, features);
        foreach (NamedTensor tensor in extraTensors ?? [])
            graph.Unused(tensor);

        graph.Proto.Name = taxonomy.Name;
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Derm7pt.MLNet",
            ProducerVersion = LibraryVersion,
            DocString = ModelDocumentation,
            Graph = graph.Proto,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = string.Empty, Version = OpsetVersion },
                new OperatorSetIdProto { Domain = MachineLearningDomain, Version = MachineLearningOpsetVersion },
            },
        };
        AddMetadata(model, taxonomy, metadata);
        return model;
    }

    /// <summary>The channels of one task after each block.</summary>
    public static ImmutableArray<int> ChannelsPerBlock(FoldedNetwork network) =>
        [.. network.Blocks.Select(block => (int)block.Kernel.Shape[0] / network.TaskCount)];

    private static void AddMetadata(ModelProto model, Taxonomy taxonomy, IReadOnlyDictionary<string, string>? metadata)
    {
        var entries = new Dictionary<string, string>
        {
            [FormatVersionKey] = FormatVersion.ToString(System.Globalization.CultureInfo.InvariantCulture),
            [LibraryVersionKey] = LibraryVersion,
            [TaxonomyKey] = taxonomy.ToJson(),
            [LabelsKey] = JsonSerializer.Serialize(
                taxonomy.Tasks.ToDictionary(task => task.Name, task => task.Labels.Select(label => label.Name))),
        };
        foreach ((string key, string value) in metadata ?? ImmutableDictionary<string, string>.Empty)
        {
            if (!entries.TryAdd(key, value))
                throw new ArgumentException($"The metadata key '{key}' is the writer's own.", nameof(metadata));
        }

        foreach ((string key, string value) in entries)
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    /// <summary>The graph under construction. Methods that add a node give the name of the value it computes.</summary>
    private sealed class Graph
    {
        private readonly HashSet<string> _names = [];

        public GraphProto Proto { get; } = new();

        public void Input(string name, ReadOnlySpan<long> shape, string documentation)
        {
            Claim(name);
            ValueInfoProto value = Value(name, TensorProto.Types.DataType.Float, shape);
            value.DocString = documentation;
            Proto.Input.Add(value);
        }

        public string Blocks(FoldedNetwork network)
        {
            string x = ColumnNames.Pixels;
            for (int i = 0; i < network.Blocks.Length; i++)
            {
                (FoldedBlock block, string name) = (network.Blocks[i], $"block{i + 1}");
                if (block is { MixKernel: { } mixKernel, MixBias: { } mixBias })
                    x = Relu($"{name}/mix", Convolution($"{name}/mix", x, mixKernel, mixBias));

                FoldedBlock merged = MergedGroups.Merge(block);
                x = Relu(name, Convolution(name, x, merged.Kernel, bias: null, merged.Stride, merged.Groups));
                x = Node("MaxPool", $"{name}/pooled", [x], Integers("kernel_shape", 2, 2), Integers("strides", 2, 2));
            }

            return x;
        }

        /// <summary>The part of the heads that all tasks share in shape: [N, T·M], ReLU applied.</summary>
        public string Head(FoldedNetwork network, string x)
        {
            FoldedHead head = network.Head;
            x = Relu("head/mix", Convolution("head/mix", x, head.MixKernel, head.MixBias));
            x = Node("GlobalAveragePool", "head/pooled", [x]);

            // T dense layers side by side are one grouped 1×1 convolution of a 1×1 image.
            NamedTensor dense = head.DenseKernel with { Shape = [.. head.DenseKernel.Shape, 1, 1] };
            x = Relu("head/dense", Convolution("head/dense", x, dense, head.DenseBias, groups: network.TaskCount));
            return Node("Flatten", "head/features", [x], Integer("axis", 1));
        }

        public void Outputs(FoldedNetwork network, Taxonomy taxonomy, string features)
        {
            string[] featuresOfTask = [.. taxonomy.Tasks.Select(task => $"{task.Name}/features")];
            Node("Split", featuresOfTask, [features], [Integer("axis", 1)]);

            var labelScores = new List<string>();
            for (int i = 0; i < taxonomy.Tasks.Count; i++)
            {
                ClassificationTask task = taxonomy.Tasks[i];
                string kernel = Constant(network.Head.LogitsKernels[i]);
                string bias = Constant(network.Head.LogitsBiases[i]);
                string logits = Node("Gemm", $"{task.Name}/logits", [featuresOfTask[i], kernel, bias], Integer("transB", 1));
                string score = Node("Softmax", ColumnNames.Score(task), [logits], Integer("axis", 1));
                Output(score, TensorProto.Types.DataType.Float, task.Labels.Count);
                SlotNames(score, task.Labels.Select(label => label.Name));

                // The first of equals, as ML.NET does.
                string label = ColumnNames.PredictedLabel(task);
                Node("ArgMax", label, [score], Integer("axis", 1), Integer("keepdims", 1));
                Output(label, TensorProto.Types.DataType.Int64, 1);
                float[] scores = [.. task.Labels.Select(l => (float)l.Score)];
                string table = Constant($"{task.Name}/labelScores", [scores.Length], scores);
                labelScores.Add(Node("Gather", $"{task.Name}/labelScore", [table, label], Integer("axis", 0)));
            }

            GateAlphas(network, taxonomy);
            Output(Node("Sum", ColumnNames.SevenPointScore, labelScores), TensorProto.Types.DataType.Float, 1);
            if (OutputColumns.HasMelanomaProbability(taxonomy))
                MelanomaProbability(taxonomy.Diagnosis!);
        }

        /// <summary>Adds a tensor that no output depends on.</summary>
        public void Unused(NamedTensor tensor)
        {
            FoldedNetworkValidation.CheckValueCount(tensor);

            // ONNX Runtime warns of a tensor that no node reads; of a node whose output nothing reads it does not.
            Node("Identity", $"{tensor.Name}/unused", [Constant(tensor)]);
        }

        private void GateAlphas(FoldedNetwork network, Taxonomy taxonomy)
        {
            ImmutableArray<string> slotNames = GateSlotNames.Create(taxonomy, ChannelsPerBlock(network));
            string gates = Constant("gates", [1, slotNames.Length], [.. network.GateAlphas.SelectMany(block => block.Values)]);

            // Any value of shape [N, 1] tells the batch size.
            string batch = Node("Shape", "gates/batch", [ColumnNames.PredictedLabel(taxonomy.Tasks[0])]);
            Output(Node("Expand", ColumnNames.GateAlphas, [gates, batch]), TensorProto.Types.DataType.Float, slotNames.Length);
            SlotNames(ColumnNames.GateAlphas, slotNames);
        }

        private void MelanomaProbability(ClassificationTask diagnosis)
        {
            string mask = Constant(
                "melanomaLabels", [diagnosis.Labels.Count, 1], [.. diagnosis.Labels.Select(label => label.IsMelanoma ? 1f : 0f)]);
            string sum = Node("MatMul", ColumnNames.MelanomaProbability, [ColumnNames.Score(diagnosis), mask]);
            Output(sum, TensorProto.Types.DataType.Float, 1);
        }

        /// <summary>
        /// ML.NET reads a column's slot names from a node of this name. The node is a real one, so that any runtime
        /// accepts the file, but nothing uses what it computes.
        /// </summary>
        private void SlotNames(string column, IEnumerable<string> names)
        {
            string input = Claim($"mlnet.{column}.unusedInput");
            Proto.Initializer.Add(new TensorProto
            {
                Name = input,
                DataType = (int)TensorProto.Types.DataType.String,
                Dims = { 1 },
                StringData = { ByteString.Empty },
            });

            var keys = new AttributeProto { Name = "keys_strings", Type = AttributeProto.Types.AttributeType.Strings };
            keys.Strings.AddRange(names.Select(ByteString.CopyFromUtf8));
            var values = new AttributeProto { Name = "values_int64s", Type = AttributeProto.Types.AttributeType.Ints };
            values.Ints.AddRange(Enumerable.Range(0, keys.Strings.Count).Select(i => (long)i));
            string name = $"mlnet.{column}.SlotNames";
            Node("LabelEncoder", [$"mlnet.{column}.unusedOutput"], [input], [keys, values], name, MachineLearningDomain);
        }

        private string Convolution(
            string name, string x, NamedTensor kernel, NamedTensor? bias, int stride = 1, int groups = 1)
        {
            List<string> inputs = [x, Constant(kernel)];
            if (bias is not null)
                inputs.Add(Constant(bias));
            return Node(
                "Conv",
                $"{name}/convolved",
                inputs,
                Integers("kernel_shape", kernel.Shape[2], kernel.Shape[3]),
                Integers("strides", stride, stride),
                Integer("group", groups));
        }

        private string Relu(string name, string x) => Node("Relu", $"{name}/relu", [x]);

        private string Node(string operation, string output, IReadOnlyList<string> inputs, params AttributeProto[] attributes)
        {
            Node(operation, [output], inputs, attributes);
            return output;
        }

        private void Node(
            string operation,
            IReadOnlyList<string> outputs,
            IReadOnlyList<string> inputs,
            IReadOnlyList<AttributeProto> attributes,
            string? name = null,
            string domain = "")
        {
            foreach (string output in outputs)
                Claim(output);
            var node = new NodeProto { OpType = operation, Name = name ?? outputs[0], Domain = domain };
            node.Input.AddRange(inputs);
            node.Output.AddRange(outputs);
            node.Attribute.AddRange(attributes);
            Proto.Node.Add(node);
        }

        private string Constant(NamedTensor tensor) => Constant(tensor.Name, tensor.Shape, tensor.Values);

        private string Constant(string name, ImmutableArray<long> shape, float[] values)
        {
            if (!BitConverter.IsLittleEndian)
                throw new PlatformNotSupportedException("ONNX files are written on little-endian machines only.");

            var tensor = new TensorProto
            {
                Name = Claim(name),
                DataType = (int)TensorProto.Types.DataType.Float,
                RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
            };
            tensor.Dims.AddRange(shape);
            Proto.Initializer.Add(tensor);
            return name;
        }

        private void Output(string name, TensorProto.Types.DataType type, int width) =>
            Proto.Output.Add(Value(name, type, [width]));

        private string Claim(string name) =>
            _names.Add(name) ? name : throw new ArgumentException($"The graph has two values named '{name}'.");

        private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, ReadOnlySpan<long> shape)
        {
            var dimensions = new TensorShapeProto();
            dimensions.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = BatchDimension });
            foreach (long dimension in shape)
                dimensions.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dimension });
            var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions };
            return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
        }

        private static AttributeProto Integer(string name, long value) =>
            new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

        private static AttributeProto Integers(string name, params long[] values)
        {
            var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
            attribute.Ints.AddRange(values);
            return attribute;
        }
    }
}
