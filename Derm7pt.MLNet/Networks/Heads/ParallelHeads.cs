using System.Globalization;
using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>
/// A head for each task, independent of the others: 1×1 convolution with ReLU on the task's view, global average pooling,
/// dropout, a dense layer of the same width with ReLU, dropout, and a dense layer to the task's logits.
/// </summary>
/// <param name="Dropout">The share of units that dropout zeroes while training, in [0, 1).</param>
/// <param name="Width">The channels of the 1×1 convolution; <see langword="null"/> for four times those of a block's task.</param>
/// <param name="HasHiddenLayer">Whether there is the dense layer between pooling and logits, with the dropout after it.</param>
internal sealed record ParallelHeads(double Dropout, int? Width = null, bool HasHiddenLayer = true) : TaskHeads
{
    public override int? MixWidth => Width;

    private const string Mix = "mix", DenseWeight = "dense_weight", DenseBias = "dense_bias";

    private static string LogitsWeight(int task) => Invariant($"logits_weight.{task}");

    private static string LogitsBias(int task) => Invariant($"logits_bias.{task}");

    public override IEnumerable<string> Problems()
    {
        if (Dropout is not (>= 0 and < 1))
            yield return string.Create(CultureInfo.InvariantCulture, $"Dropout must be in [0, 1), got {Dropout}.");
        if (Width is <= 0 or > NetworkLimits.Filters)
            yield return Invariant($"The width of the heads must be from 1 to {NetworkLimits.Filters}, got {Width}.");
    }

    public override IEnumerable<ParameterSpec> Parameters(IReadOnlyList<int> labelCounts, MixingConvolution mixing)
    {
        long tasks = mixing.Tasks, width = mixing.Width;
        return
        [
            .. mixing.Parameters().Select(parameter => parameter.In(Mix)),
            .. !HasHiddenLayer ? [] : (ParameterSpec[])
            [
                new ParameterSpec(
                    DenseWeight, [tasks, width, width], ParameterRole.Kernel, ParameterOwner.EachTask, Initialization.GlorotUniform(width, width)),
                new ParameterSpec(DenseBias, [tasks, 1, width], ParameterRole.Bias, ParameterOwner.EachTask, Initialization.Zeros),
            ],
            .. labelCounts.Select((labels, task) => new ParameterSpec(
                LogitsWeight(task), [labels, width], ParameterRole.Kernel, ParameterOwner.Task(task), Initialization.GlorotUniform(width, labels))),
            .. labelCounts.Select((labels, task) => new ParameterSpec(
                LogitsBias(task), [labels], ParameterRole.Bias, ParameterOwner.Task(task), Initialization.Zeros)),
        ];
    }

    public override Tensor[] Forward(
        TorchScope scope, TaskViews<Tensor, Tensor> views, IReadOnlyList<int> labelCounts, MixingConvolution mixing)
    {
        Tensor pooled = mixing.Average(scope.In(Mix), views);
        Tensor perTask = Drop(pooled, scope.Dropout).reshape(-1, mixing.Tasks, mixing.Width).transpose(0, 1); // [T, N, M]
        Tensor hidden = HasHiddenLayer
            ? Drop(bmm(perTask, scope[DenseWeight].transpose(1, 2)).Plus(scope[DenseBias]).relu_(), scope.Dropout)
            : perTask;

        var logits = new Tensor[mixing.Tasks];
        for (int task = 0; task < logits.Length; task++)
            logits[task] = F.linear(hidden[task], scope[LogitsWeight(task)], scope[LogitsBias(task)]);
        return logits;
    }

    public override string[] Emit(
        GraphScope scope, TaskViews<GraphValue, string> views, IReadOnlyList<int> labelCounts, MixingConvolution mixing)
    {
        GraphBuilder graph = scope.Graph;
        int tasks = mixing.Tasks, width = mixing.Width, units = tasks * width;
        GraphValue mixed = mixing.Emit(scope.In(Mix), views);
        string pooled = graph.Node("GlobalAveragePool", scope.Name("pooled"), [mixed.Name]);

        if (HasHiddenLayer)
        {
            // T dense layers side by side are one grouped 1×1 convolution of a 1×1 image.
            string weight = graph.Reshape(scope.Name("dense/weight"), scope.Parameter(DenseWeight), units, width, 1, 1);
            string bias = graph.Reshape(scope.Name("dense/offset"), scope.Parameter(DenseBias), units);
            GraphValue dense = graph.Convolution(
                scope.Name("dense"), mixed with { Name = pooled }, new GraphKernel(weight, units, width, Height: 1, Width: 1), bias, groups: tasks);
            pooled = graph.Relu(scope.Name("dense/relu"), dense.Name);
        }

        string features = graph.Node("Flatten", scope.Name("features"), [pooled], GraphBuilder.Integer("axis", 1));

        string[] featuresOfTask = [.. Enumerable.Range(0, tasks).Select(task => scope.Name(Invariant($"features.{task}")))];
        graph.Node("Split", featuresOfTask, [features], [GraphBuilder.Integer("axis", 1)]);
        return
        [
            .. featuresOfTask.Select((read, task) => graph.Node(
                "Gemm", scope.Name(Invariant($"logits.{task}")), [read, scope.Parameter(LogitsWeight(task)), scope.Parameter(LogitsBias(task))],
                GraphBuilder.Integer("transB", 1))),
        ];
    }

    /// <summary>Zeroes a share of the units and scales the others up, so that the expectation stays.</summary>
    /// <param name="x">The units.</param>
    /// <param name="share">The share, in [0, 1).</param>
    /// <param name="generator">Draws the mask.</param>
    internal static Tensor Drop(Tensor x, double share, Generator generator)
    {
        // The mask is drawn by a generator of the training. All threads of a process share torch's global generator, so that
        // a training would not be reproducible if other code drew numbers concurrently.
        Tensor kept = rand(x.shape, generator: generator).IsAtLeast(share).to(x.dtype).DividedBy(1 - share);
        return x * kept.to(x.device);
    }

    private Tensor Drop(Tensor x, Generator? generator) => generator is null || Dropout <= 0 ? x : Drop(x, Dropout, generator);
}
