namespace Derm7pt.MLNet.Tests;

/// <summary>Changes options in their groups.</summary>
internal static class OptionChanges
{
    public static Derm7ptMultiTaskEstimator.Options With(
        this Derm7ptMultiTaskEstimator.Options options,
        Func<NetworkOptions, NetworkOptions>? network = null,
        Func<TrainingOptions, TrainingOptions>? training = null,
        Func<DataOptions, DataOptions>? data = null,
        Func<RuntimeOptions, RuntimeOptions>? runtime = null) => new(options)
        {
            Network = network?.Invoke(options.Network) ?? options.Network,
            Training = training?.Invoke(options.Training) ?? options.Training,
            Data = data?.Invoke(options.Data) ?? options.Data,
            Runtime = runtime?.Invoke(options.Runtime) ?? options.Runtime,
        };
}
