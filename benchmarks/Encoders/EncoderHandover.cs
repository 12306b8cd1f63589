using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Encoders;

/// <summary>A network on an encoder, its tensors, and logits that the library computes, as files for another implementation.</summary>
internal static class EncoderHandover
{
    private const int Cases = 2;

    /// <summary>Writes <c>network.json</c> and <c>tensors.bin</c>; see the script <c>pretrained_network.py</c>.</summary>
    public static void Write(string folder, int extent)
    {
        (NetworkSpec spec, EncoderFile file) = EncoderNetwork.Load();
        using DisposeScope scope = NewDisposeScope();
        using var gradients = no_grad();
        using var cases = new TrainingCases(spec, Cases, extent, CPU);
        using OurTrainingStep step = EncoderNetwork.CreateStep(cases, spec, file);
        step.Network.IsTraining = false;
        IReadOnlyList<Tensor> logits = step.Forward(cases.Pixels);
        (string Name, Tensor Tensor)[] tensors =
        [
            .. step.Network.Parameters.Select(parameter => (parameter.Name, parameter.Tensor)),
            .. logits.Select((values, task) => (Invariant($"expected.{task}"), values)),
            ("pixels", cases.Pixels),
        ];
        using (FileStream values = File.Create(Path.Combine(folder, "tensors.bin")))
        {
            foreach ((_, Tensor tensor) in tensors)
                values.Write(MemoryMarshal.AsBytes(tensor.detach().contiguous().data<float>().ToArray().AsSpan()));
        }

        JsonNode network = JsonSerializer.SerializeToNode(spec, NetworkJson.Default.NetworkSpec)!;
        TrainingOptions training = EncoderNetwork.Recipe.Training;
        network["rates"] = new JsonObject
        {
            ["encoder"] = training.EncoderLearningRate,
            ["rest"] = training.LearningRate,
            ["gates"] = training.GateLearningRate,
            ["weightDecay"] = training.WeightDecay,
        };
        var content = new JsonObject
        {
            ["network"] = network,
            ["tensors"] = new JsonArray(
            [
                .. tensors.Select(entry => new JsonObject
                {
                    ["name"] = entry.Name,
                    ["shape"] = new JsonArray([.. entry.Tensor.shape.Select(extent => JsonValue.Create(extent))]),
                }),
            ]),
        };
        File.WriteAllText(Path.Combine(folder, "network.json"), content.ToJsonString());
    }
}
