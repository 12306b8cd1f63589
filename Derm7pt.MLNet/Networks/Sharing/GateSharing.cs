using System.Globalization;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>
/// The gate block of Coppola, Lee and Guan (CVPR Workshops 2020): batch normalization without learned scale or shift, then for
/// every task t a channel-wise gate α_t = 1 / (1 + exp(−γ·a_t)) in (0, 1)^(T·C). A task's own channels are always open (α = 1).
/// </summary>
/// <param name="Mode">Whether the gates of other tasks' channels are learned, or closed (α = 0).</param>
/// <param name="Steepness">γ.</param>
internal sealed record GateSharing(GateMode Mode, double Steepness) : SharingScheme, IGates
{
    // 1 − 0.9: torch's momentum weighs the new value, the paper's the old one.
    private const double RunningAverageMomentum = 0.1;

    private const double Epsilon = 1e-5;

    private const string Logits = "a", Mean = "running_mean", Variance = "running_var";

    public override IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Mode))
            yield return $"Gates must be Learned or Closed, got {Mode}.";
        if (!(Steepness > 0 && double.IsFinite(Steepness)))
            yield return string.Create(CultureInfo.InvariantCulture, $"GateSteepness must be positive, got {Steepness}.");
    }

    public override int ViewChannels(int tasks, int channels) => tasks * channels;

    public override IEnumerable<ParameterSpec> Parameters(int tasks, int channels)
    {
        int all = tasks * channels;
        if (Mode == GateMode.Learned)
        {
            // The own entries exist, so that the rows have one length, but nothing reads them.
            yield return new ParameterSpec(Logits, [tasks, all], ParameterRole.Gate, ParameterOwner.EachTask, Initialization.Zeros)
            {
                UnusedCount = all,
            };
        }

        yield return new ParameterSpec(Mean, [all], ParameterRole.Buffer, ParameterOwner.Shared, Initialization.Zeros);
        yield return new ParameterSpec(Variance, [all], ParameterRole.Buffer, ParameterOwner.Shared, Initialization.Ones) { Minimum = 0 };
    }

    public override TaskViews<Tensor, Tensor> Forward(TorchScope scope, Tensor features, int tasks)
    {
        Tensor normalized = scope.IsTraining && NormalizationFunction.Supports(features)
            ? NormalizationFunction.Apply(features, scope[Mean], scope[Variance], RunningAverageMomentum, Epsilon)
            : F.batch_norm(features, scope[Mean], scope[Variance], null, null, scope.IsTraining, RunningAverageMomentum, Epsilon);
        int channels = (int)features.shape[1] / tasks;
        GateSharing gates = this;
        return new TaskViews<Tensor, Tensor>(normalized, weights => weights * gates.Alphas(scope, tasks, channels).unsqueeze(1));
    }

    public override TaskViews<GraphValue, string> Emit(GraphScope scope, GraphValue features, int tasks)
    {
        GraphBuilder graph = scope.Graph;
        int channels = (int)features.Channels / tasks;
        string variance = graph.ToDouble(scope.Name("variance"), scope.Parameter(Variance));
        string epsilon = graph.Constant(scope.Name("epsilon"), [], [Epsilon]);
        string deviation = graph.Node("Sqrt", scope.Name("deviation"), [graph.Node("Add", scope.Name("variance/shifted"), [variance, epsilon])]);
        string scale = graph.Node("Reciprocal", scope.Name("scale"), [deviation]);
        string mean = graph.ToDouble(scope.Name("mean"), scope.Parameter(Mean));
        string shift = graph.Node("Neg", scope.Name("shift"), [graph.Node("Mul", scope.Name("mean/scaled"), [mean, scale])]);
        string rows = graph.Reshape(scope.Name("alpha/rows"), EmitAlphas(scope, tasks, channels), tasks, 1, features.Channels);
        return new TaskViews<GraphValue, string>(
            features with { Pending = new ChannelAffine(scale, shift) },
            weights => graph.Node("Mul", $"{weights}/gated", [weights, rows]));
    }

    public Tensor Alphas(TorchScope scope, int tasks, int channels)
    {
        Tensor own = scope.Constant("own", () => tensor(OwnChannels<float>(tasks, channels), [tasks, tasks * channels]));
        // The own entries are a constant 1, not a parameter with a = 100: the same value in single precision,
        // and no gradient can reach them.
        return Mode == GateMode.Closed ? own.alias() : own.Plus(own.OneMinus() * sigmoid(scope[Logits].Times(Steepness)));
    }

    public string EmitAlphas(GraphScope scope, int tasks, int channels)
    {
        GateSharing gates = this;
        return scope.Graph.Once(scope.Name("alpha"), () => gates.AddAlphas(scope, tasks, channels));
    }

    private string AddAlphas(GraphScope scope, int tasks, int channels)
    {
        GraphBuilder graph = scope.Graph;
        double[] own = OwnChannels<double>(tasks, channels);
        long[] shape = [tasks, tasks * channels];
        string open = graph.Constant(scope.Name("own"), shape, own);
        if (Mode == GateMode.Closed)
            return open;
        string logits = graph.ToDouble(scope.Name("logits"), scope.Parameter(Logits));
        string steepness = graph.Constant(scope.Name("steepness"), [], [Steepness]);
        string gates = graph.Node("Sigmoid", scope.Name("gates"), [graph.Node("Mul", scope.Name("logits/scaled"), [logits, steepness])]);
        string others = graph.Constant(scope.Name("others"), shape, Array.ConvertAll(own, value => 1 - value));
        return graph.Node("Add", scope.Name("alpha"), [open, graph.Node("Mul", scope.Name("gates/others"), [gates, others])]);
    }

    /// <summary>[T, T·C]: 1 where a channel is the task's own, else 0.</summary>
    private static TNumber[] OwnChannels<TNumber>(int tasks, int channels)
        where TNumber : System.Numerics.INumber<TNumber>
    {
        var mask = new TNumber[tasks * tasks * channels];
        for (int task = 0; task < tasks; task++)
            Array.Fill(mask, TNumber.One, ((task * tasks) + task) * channels, channels);
        return mask;
    }
}
