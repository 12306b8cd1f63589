using Derm7pt.MLNet.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Benchmarks.Baselines;

/// <summary>
/// The network as drawn in the paper's figure, eager: in every block T separate convolutions, a batch normalization of
/// their outputs, and T gated copies of these. It uses torch's default memory layout.
/// </summary>
internal sealed class LiteralNetwork : nn.Module<Tensor, Tensor[]>
{
    private readonly ModuleList<LiteralBranch> branches;
    private readonly ModuleList<LiteralGates> gates;
    private readonly ModuleList<LiteralHead> heads;
    private readonly NetworkSpec _shape;

    public LiteralNetwork(NetworkSpec shape)
        : base(nameof(LiteralNetwork))
    {
        _shape = shape;
        branches = new ModuleList<LiteralBranch>([.. Enumerable.Range(0, shape.TaskCount).Select(_ => new LiteralBranch(shape))]);
        gates = new ModuleList<LiteralGates>([.. shape.Channels.Select(channels => new LiteralGates(shape, channels))]);
        heads = new ModuleList<LiteralHead>([.. shape.LabelCounts.Select(labels => new LiteralHead(shape, labels))]);
        RegisterComponents();
    }

    /// <summary>Gets the parameters a of the gates, which have a separate learning rate.</summary>
    public IEnumerable<Parameter> GateParameters => gates.SelectMany(gate => gate.parameters());

    /// <summary>All parameters but the gates.</summary>
    public IEnumerable<Parameter> Weights => branches.parameters().Concat(heads.parameters());

    public override Tensor[] forward(Tensor pixels)
    {
        Tensor[] inputs = [.. Enumerable.Repeat(pixels, _shape.TaskCount)];
        for (int block = 0; block < _shape.BlockCount; block++)
        {
            var features = new Tensor[inputs.Length];
            for (int task = 0; task < inputs.Length; task++)
                features[task] = branches[task].Forward(inputs[task], block);
            inputs = gates[block].forward(cat(features, 1));
        }

        return [.. inputs.Select((input, task) => heads[task].forward(input))];
    }

    /// <summary>Takes the weights and running statistics of the library's network, so that both compute the same.</summary>
    public LiteralNetwork CopyFrom(TorchNetwork network)
    {
        using var _ = no_grad();
        foreach ((Tensor own, Tensor theirs) in Match(name => network[name]))
            own.copy_(theirs.reshape(own.shape));
        for (int block = 0; block < gates.Count; block++)
            gates[block].CopyStatistics(network, block);
        return this;
    }

    /// <summary>Every parameter, with the part of the library's tensors that belongs to it.</summary>
    /// <param name="library">Gives what belongs to a parameter of the library's network, by name: its value, or its gradient.</param>
    public IEnumerable<(Parameter Own, Tensor Theirs)> Match(Func<string, Tensor> library) =>
    [
        .. branches.SelectMany((branch, task) => branch.Match(library, task)),
        .. gates.SelectMany((gate, block) => gate.Match(library, block)),
        .. heads.SelectMany((head, task) => head.Match(library, task)),
    ];
}

/// <summary>The convolutions of one task.</summary>
internal sealed class LiteralBranch : nn.Module
{
    private readonly ModuleList<Conv2d> mix;
    private readonly ModuleList<Conv2d> convolutions;

    public LiteralBranch(NetworkSpec shape)
        : base(nameof(LiteralBranch))
    {
        mix = new ModuleList<Conv2d>();
        convolutions = new ModuleList<Conv2d>();
        int channels = NetworkSpec.PixelChannels;
        for (int block = 0; block < shape.BlockCount; block++)
        {
            if (block > 0)
            {
                int previous = shape.Blocks[block - 1].Channels;
                channels = NetworkSpec.MixFactor * previous;
                mix.Add(nn.Conv2d(shape.TaskCount * previous, channels, 1));
            }

            ConvolutionBlock sizes = shape.Blocks[block];
            convolutions.Add(nn.Conv2d(channels, sizes.Channels, sizes.KernelSize, stride: sizes.Stride, bias: false));
        }

        RegisterComponents();
    }

    public Tensor Forward(Tensor input, int block)
    {
        Tensor x = block == 0 ? input : F.relu(mix[block - 1].forward(input));
        return F.max_pool2d(F.relu(convolutions[block].forward(x)), 2, 2);
    }

    public IEnumerable<(Parameter Own, Tensor Theirs)> Match(Func<string, Tensor> library, int task)
    {
        for (int block = 0; block < convolutions.Count; block++)
        {
            Parameter kernel = convolutions[block].weight!;
            yield return (kernel, PartOf(library($"blocks.{block}.kernel"), task, kernel));
        }

        for (int block = 1; block < convolutions.Count; block++)
        {
            foreach ((Parameter, Tensor) match in MatchMix(mix[block - 1], library, $"blocks.{block}.mix", task))
                yield return match;
        }
    }

    internal static IEnumerable<(Parameter Own, Tensor Theirs)> MatchMix(
        Conv2d mix, Func<string, Tensor> library, string name, int task) =>
    [
        (mix.weight!, library($"{name}.weight")[task]),
        (mix.bias!, PartOf(library($"{name}.bias"), task, mix.bias!)),
    ];

    // The library keeps the channels of all tasks in one tensor, task by task.
    private static Tensor PartOf(Tensor all, int task, Parameter own) => all.narrow(0, task * own.shape[0], own.shape[0]);
}

/// <summary>Batch normalization, then a gated copy for every task.</summary>
internal sealed class LiteralGates : nn.Module<Tensor, Tensor[]>
{
    private const float Open = 100, Closed = -100;

    private readonly BatchNorm2d norm;
    private readonly Parameter? a;
    private readonly Tensor own;
    private readonly double _steepness;

    public LiteralGates(NetworkSpec shape, int channels)
        : base(nameof(LiteralGates))
    {
        int tasks = shape.TaskCount;
        var sharing = (GateSharing)shape.Sharing;
        _steepness = sharing.Steepness;
        norm = nn.BatchNorm2d(tasks * channels, eps: 1e-5, momentum: 0.1, affine: false);
        own = eye(tasks).unsqueeze(2).expand(tasks, tasks, channels).reshape(tasks, tasks * channels).contiguous();
        if (sharing.Mode == GateMode.Learned)
            a = nn.Parameter(zeros(tasks, tasks * channels));
        RegisterComponents();
    }

    public override Tensor[] forward(Tensor features)
    {
        Tensor normalized = norm.forward(features);
        Tensor others = a is null ? Closed * ones_like(own) : a;
        Tensor values = (own * Open) + ((1 - own) * others);
        Tensor alphas = 1 / (1 + exp(-_steepness * values));
        return [.. Enumerable.Range(0, (int)alphas.shape[0]).Select(task => normalized * alphas[task].reshape(1, -1, 1, 1))];
    }

    public IEnumerable<(Parameter Own, Tensor Theirs)> Match(Func<string, Tensor> library, int block) =>
        a is null ? [] : [(a, library($"sharing.{block}.a"))];

    public void CopyStatistics(TorchNetwork network, int block)
    {
        norm.running_mean!.copy_(network[$"sharing.{block}.running_mean"]);
        norm.running_var!.copy_(network[$"sharing.{block}.running_var"]);
    }
}

/// <summary>The head of one task.</summary>
internal sealed class LiteralHead : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d mix;
    private readonly Linear dense;
    private readonly Linear logits;
    private readonly Dropout dropout;

    public LiteralHead(NetworkSpec shape, int labels)
        : base(nameof(LiteralHead))
    {
        int channels = shape.Blocks[^1].Channels, width = NetworkSpec.MixFactor * channels;
        mix = nn.Conv2d(shape.TaskCount * channels, width, 1);
        dense = nn.Linear(width, width);
        logits = nn.Linear(width, labels);
        dropout = nn.Dropout(((ParallelHeads)shape.Heads).Dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor gated)
    {
        Tensor pooled = F.relu(mix.forward(gated)).mean([2, 3]);
        return logits.forward(dropout.forward(F.relu(dense.forward(dropout.forward(pooled)))));
    }

    public IEnumerable<(Parameter Own, Tensor Theirs)> Match(Func<string, Tensor> library, int task) =>
    [
        .. LiteralBranch.MatchMix(mix, library, "heads.mix", task),
        (dense.weight!, library("heads.dense_weight")[task]),
        (dense.bias!, library("heads.dense_bias")[task]),
        (logits.weight!, library($"heads.logits_weight.{task}")),
        (logits.bias!, library($"heads.logits_bias.{task}")),
    ];
}
