using System.Text.Json;
using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;
using Microsoft.ML.OnnxRuntime;

namespace Derm7pt.MLNet.Benchmarks.Profile;

/// <summary>The nodes of the exported graph, as ONNX Runtime itself times them.</summary>
internal static class ScoringProfile
{
    // Smaller nodes are summed up, since there are many, and they take almost no time.
    private const double SmallestShare = 0.01;

    private const string KernelTime = "_kernel_time";

    public static Breakdown Measure(BenchmarkContext context)
    {
        int extent = context.Settings.Extent, batch = new RuntimeOptions().ScoringBatchSize;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("derm7pt-profile-");
        try
        {
            string model = Path.Combine(folder.FullName, "model.onnx");
            using (Derm7ptMultiTaskTransformer transformer = ScoringModel.Create(
                Shapes.OfWidth(1), extent, DrawnPixels.View(1, extent).Schema, ColumnNames.Pixels))
            {
                transformer.SaveAsOnnx(model);
            }

            int runs = context.Settings.Rounds;
            string trace = Run(model, batch, extent, runs);
            return new Breakdown($"Scoring a batch of {batch} on one thread, {extent} px, by ONNX node", [.. Parts(trace, runs)]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>The file that the profile was written to.</returns>
    private static string Run(string model, int batch, int extent, int runs)
    {
        // One thread, as each of the threads has that score. The prefix is read when profiling is enabled.
        using var options = new SessionOptions { IntraOpNumThreads = 1, ProfileOutputPathPrefix = model, EnableProfiling = true };
        using var session = new InferenceSession(model, options);
        using var runOptions = new RunOptions();
        long[] shape = [batch, NetworkSpec.PixelChannels, extent, extent];
        var pixels = new float[shape.Aggregate((x, y) => x * y)];
        var random = new Random(StepSettings.Seed);
        foreach (ref float pixel in pixels.AsSpan())
            pixel = random.NextSingle();
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, shape);
        for (int run = 0; run < runs; run++)
            session.Run(runOptions, [ColumnNames.Pixels], [input], [.. ScoringModel.Columns]).Dispose();
        return session.EndProfiling();
    }

    private static IEnumerable<BreakdownPart> Parts(string trace, int runs)
    {
        using JsonDocument events = JsonDocument.Parse(File.ReadAllBytes(trace));
        BreakdownPart[] nodes =
        [
            .. from entry in events.RootElement.EnumerateArray()
               where entry.GetProperty("cat").GetString() == "Node"
               let name = entry.GetProperty("name").GetString()!
               where name.EndsWith(KernelTime, StringComparison.Ordinal)
               let op = entry.GetProperty("args").GetProperty("op_name").GetString()
               group entry.GetProperty("dur").GetInt64() / 1000.0 by $"{op} {name[..^KernelTime.Length]}" into node
               select new BreakdownPart(node.Key, node.Sum() / runs),
        ];
        double all = nodes.Sum(node => node.Milliseconds);
        return nodes
            .Where(node => node.Milliseconds >= SmallestShare * all)
            .Append(new BreakdownPart("smaller nodes", nodes.Where(node => node.Milliseconds < SmallestShare * all).Sum(node => node.Milliseconds)));
    }
}
