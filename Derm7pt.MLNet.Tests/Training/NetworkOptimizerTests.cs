using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks;
using Derm7pt.MLNet.Tests.Networks.Extending;
using Derm7pt.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

[TestClass]
public sealed class NetworkOptimizerTests
{
    private static readonly TrainingOptions Settings = new() { LearningRate = 1e-3, GateLearningRate = 1e-1, L2Regularization = 1e-4 };

    // Adam's first step moves a weight by the learning rate against the sign of its gradient (Kingma and Ba, 2015: both
    // bias-corrected moments are those of the one gradient). With a loss that does not depend on the weights the gradient is
    // that of the L2 term only: λ·w for kernels, nothing for biases and gates.
    [TestMethod]
    public void Step_LossWithoutGradient_MovesKernelsTowardsZeroAndNothingElse()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned);
        Dictionary<string, float[]> before = network.Capture().ToDictionary(t => t.Name, t => t.Values);
        using var optimizer = new NetworkOptimizer(network, Settings);

        optimizer.ClearGradients();
        stack(network.Trained.Select(p => p.Tensor).Select(p => (p * 0).sum()).ToArray()).sum().backward();
        optimizer.Step();

        int kernels = 0;
        foreach (NamedTensor after in network.Capture())
        {
            bool isKernel = after.Name.EndsWith("weight", StringComparison.Ordinal) || after.Name.EndsWith("kernel", StringComparison.Ordinal)
                || after.Name.Contains("logits_weight", StringComparison.Ordinal);
            kernels += isKernel ? 1 : 0;
            for (int i = 0; i < after.Values.Length; i++)
            {
                float was = before[after.Name][i];
                // ε = 1e-8 in the denominator shortens the step if λ·w is of that size.
                if (!isKernel)
                    Assert.AreEqual(was, after.Values[i], $"{after.Name}[{i}]");
                else if (Math.Abs(was) > 0.01f)
                    Assert.AreEqual(was - (MathF.Sign(was) * 1e-3f), after.Values[i], 2e-5f, $"{after.Name}[{i}]");
            }
        }

        // 3 blocks, 2 of them with a mix; the heads' mix and dense layer; 4 tasks' logits.
        Assert.AreEqual(3 + 2 + 2 + 4, kernels);
    }

    [TestMethod]
    public void Step_AnyLoss_MovesWeightsAndGatesByTheirOwnRates()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned);
        Dictionary<string, float[]> before = network.Capture().ToDictionary(t => t.Name, t => t.Values);
        using var optimizer = new NetworkOptimizer(network, new TrainingOptions(Settings) { L2Regularization = 0 });

        // The gradient is 1 everywhere.
        optimizer.ClearGradients();
        stack(network.Trained.Select(p => p.Tensor).Select(p => p.sum()).ToArray()).sum().backward();
        optimizer.Step();

        foreach (NamedTensor after in network.Capture().Where(t => !t.Name.Contains("running", StringComparison.Ordinal)))
        {
            float rate = after.Name.StartsWith("sharing", StringComparison.Ordinal) ? 1e-1f : 1e-3f;
            for (int i = 0; i < after.Values.Length; i++)
                Assert.AreEqual(before[after.Name][i] - rate, after.Values[i], rate * 1e-3f, after.Name);
        }
    }

    // The reference is AdamW in double precision, with the update as in Loshchilov and Hutter, ICLR 2019, algorithm 2.
    [TestMethod]
    public void Step_WeightDecayAndRates_IsAdamWOfEveryGroup()
    {
        const double Decay = 0.7;
        double[] gradients = [0.5, -2, 1], factors = [0.25, 1, 0.5];
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned, spec: TestNetworks.Spec(GateMode.Learned) with { Encoder = new StemEncoder(3) });
        Dictionary<string, float[]> before = network.Capture().ToDictionary(t => t.Name, t => t.Values);
        using var optimizer = new NetworkOptimizer(
            network, new TrainingOptions(Settings) { L2Regularization = 0, WeightDecay = Decay, LearningRate = 0.02, EncoderLearningRate = 0.005 });

        foreach ((double gradient, double factor) in gradients.Zip(factors))
        {
            optimizer.ClearGradients();
            (stack(network.Trained.Select(p => p.Tensor.sum()).ToArray()).sum() * gradient).backward();
            optimizer.Step(factor);
        }

        var seen = new HashSet<(double, double)>();
        foreach (NamedTensor after in network.Capture().Where(t => !t.Name.Contains("running", StringComparison.Ordinal)))
        {
            bool isGate = after.Name.StartsWith("sharing", StringComparison.Ordinal) && after.Name.EndsWith(".a", StringComparison.Ordinal);
            double rate = isGate ? 0.1 : after.Name.StartsWith("encoder", StringComparison.Ordinal) ? 0.005 : 0.02;
            double decay = after.Name.EndsWith("weight", StringComparison.Ordinal) || after.Name.EndsWith("kernel", StringComparison.Ordinal)
                || after.Name.Contains("logits_weight", StringComparison.Ordinal) ? Decay : 0;
            seen.Add((rate, decay));
            for (int i = 0; i < after.Values.Length; i++)
                Assert.AreEqual(AdamW(before[after.Name][i], gradients, factors, rate, decay), after.Values[i], 1e-6, $"{after.Name}[{i}]");
        }

        CollectionAssert.AreEquivalent(new[] { (0.1, 0), (0.005, Decay), (0.005, 0), (0.02, Decay), (0.02, 0) }, seen.ToArray());
    }

    // The reference is TorchSharp's optimizer in double precision: Adam, whose weight decay is the L2 term, and AdamW.
    [TestMethod]
    [DataRow(ScalarType.Float32, 0.01, 0.0, 1e-6)]
    [DataRow(ScalarType.Float32, 0.0, 0.3, 1e-6)]
    [DataRow(ScalarType.Float64, 0.01, 0.0, 1e-12)]
    [DataRow(ScalarType.Float64, 0.0, 0.3, 1e-12)]
    public void Step_RandomGradients_IsTorchsOptimizer(ScalarType type, double l2, double decay, double tolerance)
    {
        const int Steps = 20;
        const double Rate = 1e-3;
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned, type: type);
        using var optimizer = new NetworkOptimizer(network, new TrainingOptions(Settings) { L2Regularization = l2, WeightDecay = decay });
        TorchParameter[] kernels = [.. network.Trained.Where(p => p.Spec.Role == ParameterRole.Kernel)];
        TorchSharp.Modules.Parameter[] references = [.. kernels.Select(p => nn.Parameter(p.Tensor.detach().to(float64, copy: true)))];
        using optim.Optimizer reference = decay > 0
            ? optim.AdamW(references, Rate, weight_decay: decay)
            : optim.Adam(references, Rate, weight_decay: l2);
        using var generator = new Generator(3);

        for (int step = 0; step < Steps; step++)
        {
            optimizer.ClearGradients();
            reference.zero_grad();
            Tensor loss = zeros([], type);
            for (int i = 0; i < kernels.Length; i++)
            {
                // Of different sizes, so that the second moment matters.
                Tensor gradient = randn(kernels[i].Tensor.shape, type, generator: generator) * Math.Pow(10, (step % 5) - 3);
                loss += (kernels[i].Tensor * gradient).sum();
                (references[i] * gradient.to(float64)).sum().backward();
            }

            loss.backward();
            optimizer.Step();
            reference.step();
        }

        for (int i = 0; i < kernels.Length; i++)
        {
            Tensor distance = (kernels[i].Tensor.detach().to(float64) - references[i].detach()).abs();
            // Relative to a weight, or to how far it can have moved where that is more.
            Assert.IsLessThan(tolerance, (distance / (references[i].detach().abs() + (Steps * Rate))).max().ToDouble(), kernels[i].Name);
        }
    }

    [TestMethod]
    [DataRow(ScalarType.Float32)]
    [DataRow(ScalarType.Float64)]
    public void Step_WhileGarbageIsCollected_IsTheSameBits(ScalarType type)
    {
        (string Weights, string Averages) expected = Train(type);
        using var collection = new GarbageCollection();

        Assert.AreEqual(expected, Train(type));
    }

    private static (string Weights, string Averages) Train(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchNetwork network = TestNetworks.Random(GateMode.Learned, type: type);
        using var optimizer = new NetworkOptimizer(network, new TrainingOptions(Settings) { L2Regularization = 0.01, WeightDecay = 0.1 });
        using var average = new WeightAverage(network, 0.9);
        stack(network.Trained.Select(p => p.Tensor).Select(p => p.square().sum()).ToArray()).sum().backward();
        for (int step = 1; step <= 60; step++)
        {
            optimizer.Step();
            average.Update(step);
        }

        return (Bits(network.Capture()), Bits(average.Capture()));
    }

    private static string Bits(IReadOnlyList<NamedTensor> state) =>
        string.Join(' ', state.SelectMany(t => t.Values).Select(BitConverter.SingleToInt32Bits));

    private static double AdamW(double weight, double[] gradients, double[] factors, double rate, double decay)
    {
        double first = 0, second = 0;
        for (int step = 1; step <= gradients.Length; step++)
        {
            double gradient = gradients[step - 1], scaled = rate * factors[step - 1];
            first = (0.9 * first) + (0.1 * gradient);
            second = (0.999 * second) + (0.001 * gradient * gradient);
            double corrected = first / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(second / (1 - Math.Pow(0.999, step))) + 1e-8);
            weight -= scaled * (corrected + (decay * weight));
        }

        return weight;
    }
}
