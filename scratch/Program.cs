using System.Diagnostics;
using System.Text.Json;
using Derm7pt.MLNet;
using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Models;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Scoring;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

Environment.SetEnvironmentVariable("ORT_DISABLE_TELEMETRY", "1");
foreach (string name in new[] { "learned", "closed", "default" })
{
    var expected = JsonSerializer.Deserialize<Dictionary<string, float[]>>(File.ReadAllText($"/tmp/fixtures/scores-{name}.json"))!;
    foreach (string file in new[] { "format1-" + name + ".onnx", "format2-" + name + ".onnx", "format1-" + name + ".zip", "format2-" + name + ".zip" })
    {
        SavedModel saved = ModelFile.Read(File.ReadAllBytes("/tmp/fixtures/" + file), file);
        MultiTaskModel m = saved.Model;
        int count = name == "default" ? 100 : 20;
        float[] pixels = Images(m, count, 21);
        using var scorer = new OnnxScorer(saved.Onnx, m.Outputs, m.ImageHeight, m.ImageWidth);
        Prediction[] p = scorer.Score(pixels, count);
        double worst = 0, gates = 0, derived = 0; int labels = 0;
        for (int t = 0; t < m.Taxonomy.Tasks.Count; t++)
        {
            string task = m.Taxonomy.Tasks[t].Name; int L = m.Taxonomy.Tasks[t].Labels.Count;
            for (int i = 0; i < count; i++)
            {
                for (int l = 0; l < L; l++) worst = Math.Max(worst, Math.Abs(p[i].Scores[t][l] - expected[task + "Score"][i * L + l]));
                if (p[i].Labels[t] != (int)expected[task + "PredictedLabel"][i]) labels++;
            }
        }
        for (int i = 0; i < count; i++) { derived = Math.Max(derived, Math.Abs(p[i].Derived[0] - expected["SevenPointScore"][i])); derived = Math.Max(derived, Math.Abs(p[i].Derived[1] - expected["MelanomaProbability"][i])); }
        float[] g = scorer.Gates();
        for (int i = 0; i < g.Length; i++) gates = Math.Max(gates, Math.Abs(g[i] - expected["GateAlphas"][i]));
        // torch
        using var net = new TorchNetwork(m.Network, 0); net.Restore(m.State);
        double torchWorst = 0;
        using (NewDisposeScope()) using (no_grad())
        {
            var o = net.Forward(tensor(pixels, [count, 3, m.ImageHeight, m.ImageWidth]));
            for (int t = 0; t < o.Logits.Count; t++) { var s = o.Logits[t].softmax(1).data<float>().ToArray(); for (int i = 0; i < count; i++) for (int l = 0; l < p[i].Scores[t].Length; l++) torchWorst = Math.Max(torchWorst, Math.Abs(s[i * p[i].Scores[t].Length + l] - p[i].Scores[t][l])); }
        }
        Console.WriteLine($"{file}: {saved.Onnx.Length} bytes, scores {worst:G3}, labels {labels}, derived {derived:G3}, gates {gates:G3}, torch {torchWorst:G3}, params {m.Network.LearnedCount}");
        if (file == "format2-default.onnx")
        {
            File.WriteAllBytes("/tmp/fixtures/format3-default.onnx", saved.Onnx);
            byte[] again = ModelFile.Read(saved.Onnx, "x").Onnx;
            Console.WriteLine("round trip equal: " + again.AsSpan().SequenceEqual(saved.Onnx));
            foreach (string f in new[] { "format2-default.onnx", "format3-default.onnx", "format2-default.onnx", "format3-default.onnx" })
            {
                byte[] bytes = File.ReadAllBytes("/tmp/fixtures/" + f);
                long t0 = Stopwatch.GetTimestamp();
                using var options = new SessionOptions { IntraOpNumThreads = 1 };
                using var session = new InferenceSession(bytes, options);
                double load = Stopwatch.GetElapsedTime(t0).TotalMilliseconds;
                using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels.AsSpan(0, 4 * 3 * m.ImageHeight * m.ImageWidth).ToArray(), [4, 3, m.ImageHeight, m.ImageWidth]);
                string[] outputs = [.. m.Taxonomy.Tasks.Select(t => t.Name + "Score")], all = [.. outputs, .. m.Taxonomy.Tasks.Select(t => t.Name + "PredictedLabel"), "SevenPointScore", "MelanomaProbability"];
                var run = new RunOptions();
                foreach (string[] want in new[] { outputs, all, outputs, all })
                {
                    for (int i = 0; i < 20; i++) session.Run(run, ["Pixels"], [input], want).Dispose();
                    long t1 = Stopwatch.GetTimestamp();
                    for (int i = 0; i < 100; i++) session.Run(run, ["Pixels"], [input], want).Dispose();
                    Console.WriteLine($"{f} load {load:F1} ms, {want.Length} outputs {Stopwatch.GetElapsedTime(t1).TotalMilliseconds / 100:F3} ms per batch of 4");
                }
            }
        }
    }
}

static float[] Images(MultiTaskModel network, int count, int seed)
{
    var random = new Random(seed);
    return [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, 3 * network.ImageHeight * network.ImageWidth).Select(_ => (i + 1f) / count * random.NextSingle()).ToArray())];
}
