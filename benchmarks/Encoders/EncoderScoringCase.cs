using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Onnx;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace Derm7pt.MLNet.Benchmarks.Encoders;

/// <summary>Compares scoring with a pretrained network with ONNX Runtime on the encoder's part of its original file alone.</summary>
internal static class EncoderScoringCase
{
    private const double SpeedTarget = 0.9;

    public static void Measure(BenchmarkContext context)
    {
        (int count, int extent) = (context.Settings.ScoredImages, context.Settings.EncoderExtent);
        IDataView pixels = DrawnPixels.View(count, extent);
        (NetworkSpec spec, EncoderFile file) = EncoderNetwork.Load();
        using var network = new TorchNetwork(spec, StepSettings.Seed);
        network.RestorePart(NetworkSpec.EncoderPath, file.Weights);
        using var model = new Derm7ptMultiTaskTransformer(
            new MultiTaskModel(Taxonomy.Derm7pt, spec, extent, extent, [new ModelMember(network.Capture(), new TrainingHistory([], bestEpoch: 0))]),
            ColumnNames.Pixels, pixels.Schema, new RuntimeOptions().ScoringBatchSize);
        IDataView scored = model.Transform(pixels);
        float[][] images = [.. pixels.GetColumn<VBuffer<float>>(ColumnNames.Pixels).Select(image => image.DenseValues().ToArray())];
        using var encoder = new BackboneAlone(EncoderNetwork.Recipe.Network.Encoder!, spec.Encoder.File!, images, extent);
        PairedValues times = context.Compare(
            () => Clock.Seconds(() => Drain.All(scored, ScoringModel.Columns)), () => Clock.Seconds(encoder.Run));
        context.Add(Row.Of(
            Invariant($"scoring {count} images, ResNet-18 with gates, {extent} px"), "s", "ONNX Runtime, backbone alone", times,
            RatioKind.BaselineToOurs) with
        {
            Target = context.Goal(Target.AtLeast(SpeedTarget)),
        });
    }

    /// <summary>The original file through the value at which the encoder ends, in ONNX Runtime with its own threads.</summary>
    private sealed class BackboneAlone : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly float[] _pixels;
        private readonly long[] _shape;
        private readonly string _input;
        private readonly int _count;

        public BackboneAlone(EncoderOptions options, EncoderSource source, float[][] images, int extent)
        {
            ModelProto file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(options.FindFile()));
            // The file has been made for one image of 224×224.
            foreach (int axis in (int[])[2, 3])
                file.Graph.Input[0].Type.TensorType.Shape.Dim[axis] = new TensorShapeProto.Types.Dimension { DimValue = extent };
            // Nodes come after those that they read, so none after the last one of the encoder is needed.
            while (!file.Graph.Node[^1].Output.Contains(source.Output))
                file.Graph.Node.RemoveAt(file.Graph.Node.Count - 1);
            HashSet<string> read = [.. file.Graph.Node.SelectMany(node => node.Input)];
            foreach (TensorProto unread in file.Graph.Initializer.Where(tensor => !read.Contains(tensor.Name)).ToArray())
                file.Graph.Initializer.Remove(unread);
            foreach (ValueInfoProto unread in file.Graph.Input.Where(value => !read.Contains(value.Name)).ToArray())
                file.Graph.Input.Remove(unread);
            file.Graph.Output.Clear();
            file.Graph.Output.Add(new ValueInfoProto { Name = source.Output });
            OnnxTelemetry.DisableEvents();
            using var session = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            _session = new InferenceSession(file.ToByteArray(), session);
            _input = _session.InputNames[0];
            _shape = [1, NetworkSpec.PixelChannels, extent, extent];
            _count = images.Length;
            _pixels = [.. images.SelectMany(image => image)];
        }

        // The batch is one image, as in the file.
        public void Run()
        {
            int length = _pixels.Length / _count;
            using var options = new RunOptions();
            for (int image = 0; image < _count; image++)
            {
                using OrtValue input = OrtValue.CreateTensorValueFromMemory(
                    OrtMemoryInfo.DefaultInstance, _pixels.AsMemory(image * length, length), _shape);
                _session.Run(options, [_input], [input], _session.OutputNames).Dispose();
            }
        }

        public void Dispose() => _session.Dispose();
    }
}
