using Derm7pt.MLNet.Benchmarks.Harness;

namespace Derm7pt.MLNet.Benchmarks.Profile;

/// <summary>Profiles training and scoring.</summary>
internal static class ProfileCase
{
    public static void Measure(BenchmarkContext context)
    {
        context.Tell("a training step");
        context.Results.Profile.Add(TrainingProfile.Measure(context));
        if (context.Device.type == TorchSharp.DeviceType.CPU)
        {
            context.Tell("its blocks");
            context.Results.Profile.Add(BlockProfile.Measure(context));
        }

        context.Tell("scoring");
        context.Results.Profile.Add(ScoringProfile.Measure(context));
    }
}
