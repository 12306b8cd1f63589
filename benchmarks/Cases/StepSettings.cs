namespace Derm7pt.MLNet.Benchmarks.Cases;

/// <summary>The numbers of the paper's training that a step needs, the same for library and baselines.</summary>
internal static class StepSettings
{
    public const double LearningRate = 1e-3;

    public const double GateLearningRate = 1e-1;

    public const double L2Regularization = 1e-4;

    public const double Focusing = 2;

    public const int Seed = 1;
}
