using System.Runtime.InteropServices;
using System.Text.Json;
using Derm7pt.MLNet.Benchmarks.Baselines;
using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Python;

/// <summary>Weights, pixels and what the library computes from them, as JSON, for comparison with another implementation.</summary>
internal static class Handover
{
    private const int Cases = 4;

    // Small images are sufficient for the comparison, and keep the file small.
    private const int MostExtent = 96;

    public static void Write(string path, int width, int extent)
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkSpec shape = Shapes.OfWidth(width) with { Heads = new ParallelHeads(Dropout: 0) };
        using var cases = new TrainingCases(shape, Cases, Math.Min(extent, MostExtent), CPU);
        using var step = new OurTrainingStep(shape, cases);
        // The names are those of the literal network; the values, as all that is to be compared, are the library's.
        using LiteralNetwork literal = new LiteralNetwork(shape).CopyFrom(step.Network);
        Dictionary<string, Array> state = literal.state_dict().ToDictionary(entry => entry.Key, entry => Array.Of(entry.Value));

        step.Network.IsTraining = false;
        Tensor[] logits = [.. step.Forward(cases.Pixels)];
        step.Network.IsTraining = true;
        double loss = step.Loss(step.Forward(cases.Pixels)).ToDouble();
        using FileStream file = File.Create(path);
        JsonSerializer.Serialize(
            file,
            new Content(
                width, state, Array.Of(cases.Pixels), [.. cases.Labels.Select(Array.Of)], [.. cases.Weights.Select(Array.Of)],
                [.. logits.Select(Array.Of)], loss),
            JsonSerializerOptions.Web);
    }

    /// <summary>A file's content; see the script.</summary>
    private sealed record Content(
        int Width, Dictionary<string, Array> State, Array Pixels, IReadOnlyList<Array> Labels, IReadOnlyList<Array> Weights,
        IReadOnlyList<Array> Logits, double TrainingLoss);

    private sealed record Array(long[] Shape, float[] Values)
    {
        public static Array Of(Tensor tensor)
        {
            Tensor plain = tensor.detach().to(float32).cpu().contiguous();
            return new Array(tensor.shape, MemoryMarshal.Cast<byte, float>(plain.bytes).ToArray());
        }
    }
}
