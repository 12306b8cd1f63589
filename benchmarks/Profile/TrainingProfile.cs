using Derm7pt.MLNet.Benchmarks.Cases;
using Derm7pt.MLNet.Benchmarks.Harness;
using Derm7pt.MLNet.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Profile;

/// <summary>The parts of a training step.</summary>
internal static class TrainingProfile
{
    public static Breakdown Measure(BenchmarkContext context)
    {
        (int batch, int extent) = (context.Settings.Batch, context.Settings.Extent);
        NetworkSpec shape = Shapes.OfWidth(1);
        using var cases = new TrainingCases(shape, batch, extent, context.Device);
        using var step = new OurTrainingStep(shape, cases);
        Measured[][] rounds = [.. Enumerable.Range(0, context.Settings.Rounds + 1).Select(round => Take(step, round))];
        return new Breakdown(
            $"Training step, batch {batch}, {extent} px",
            [
                .. rounds[0].Select((part, i) =>
                    new BreakdownPart(part.Name, 1000 * Spread.Of([.. rounds.Skip(1).Select(round => round[i].Seconds)]).Median)),
            ]);
    }

    private static Measured[] Take(OurTrainingStep step, int round)
    {
        using IDisposable scope = step.Begin();
        var parts = new List<Measured>();
        Tensor pixels = Part("batch from the cache, augmented", () => step.Batch(round));
        IReadOnlyList<Tensor> logits = Part("forward", () => step.Forward(pixels));
        Tensor loss = Part("loss", () => step.Loss(logits));
        Act("backward", () => loss.backward());

        // An update includes a backward pass; with this loss the backward pass takes almost no time.
        Tensor nothing = step.Network.Trained.Select(parameter => parameter.Tensor).Select(parameter => parameter.sum() * 0).Aggregate((a, b) => a + b);
        Act("optimizer", () => step.Update(nothing));
        return [.. parts];

        T Part<T>(string name, Func<T> compute)
        {
            T result = default!;
            Act(name, () => result = compute());
            return result;
        }

        void Act(string name, Action action) => parts.Add(new Measured(name, Clock.Seconds(() =>
        {
            action();
            if (step.Device.type == DeviceType.CUDA)
                cuda.synchronize();
        })));
    }

    private readonly record struct Measured(string Name, double Seconds);
}
