using Derm7pt.MLNet.Networks.Kernels;
using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>Specifies a function of single values; the names are those of the ONNX operators.</summary>
internal enum ActivationFunction
{
    Relu,

    /// <summary>min(max(x, α), β).</summary>
    Clip,

    Sigmoid,

    Tanh,

    /// <summary>min(max(α·x + β, 0), 1).</summary>
    HardSigmoid,

    /// <summary>x · min(max(x / 6 + 1/2, 0), 1).</summary>
    HardSwish,

    /// <summary>x, or α·x where x is negative.</summary>
    LeakyRelu,

    /// <summary>x, or α·(exp(x) − 1) where x is negative.</summary>
    Elu,
}

/// <summary>Applies a function to every value.</summary>
/// <param name="Output">The value that it computes.</param>
/// <param name="Input">The value that it reads.</param>
/// <param name="Function">The function.</param>
/// <param name="Alpha">α of the function, if it has one.</param>
/// <param name="Beta">β of the function, if it has one.</param>
internal sealed record ActivationNode(string Output, string Input, ActivationFunction Function, float Alpha, float Beta)
    : EncoderNode(Output, [Input])
{
    public override IEnumerable<string> Problems(FeatureShape[] inputs) =>
    [
        .. Require(Enum.IsDefined(Function), "has an unknown function"),
        .. Require(!float.IsNaN(Alpha) && !float.IsNaN(Beta), "has a parameter that is not a number"),
        .. Require(Function != ActivationFunction.Clip || Alpha <= Beta, Invariant($"must not clip to the empty range from {Alpha} to {Beta}")),
        .. Require(
            Function is ActivationFunction.Clip || (float.IsFinite(Alpha) && float.IsFinite(Beta)), "has a parameter that is infinite"),
    ];

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) => inputs[0];

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite)
    {
        Tensor x = inputs[0];
        return Function switch
        {
            ActivationFunction.Relu => mayOverwrite ? x.relu_() : x.relu(),
            ActivationFunction.Clip => x.Limit(Alpha, Beta),
            ActivationFunction.Sigmoid => x.sigmoid(),
            ActivationFunction.Tanh => x.tanh(),
            ActivationFunction.HardSigmoid => x.Times(Alpha).Plus(Beta).Limit(0, 1),
            ActivationFunction.HardSwish => F.hardswish(x),
            ActivationFunction.LeakyRelu => x.LeakyRelu(Alpha),
            _ => x.Elu(Alpha),
        };
    }

    public override string Emit(GraphScope scope, string[] inputs)
    {
        GraphBuilder graph = scope.Graph;
        string output = scope.Name(Output);
        switch (Function)
        {
            case ActivationFunction.Clip:
                return graph.Node(
                    "Clip", output, [inputs[0], graph.Constant($"{output}/minimum", [], [Alpha]), graph.Constant($"{output}/maximum", [], [Beta])]);
            case ActivationFunction.HardSwish:
                // The operator HardSwish exists only in later versions of the operators.
                string gate = graph.Node(
                    "HardSigmoid", $"{output}/gate", [inputs[0]], GraphBuilder.Single("alpha", 1f / 6), GraphBuilder.Single("beta", 0.5f));
                return graph.Node("Mul", output, [inputs[0], gate]);
            case ActivationFunction.HardSigmoid:
                return graph.Node(
                    "HardSigmoid", output, [inputs[0]], GraphBuilder.Single("alpha", Alpha), GraphBuilder.Single("beta", Beta));
            case ActivationFunction.LeakyRelu or ActivationFunction.Elu:
                return graph.Node(Function.ToString(), output, [inputs[0]], GraphBuilder.Single("alpha", Alpha));
            default:
                return graph.Node(Function.ToString(), output, [inputs[0]]);
        }
    }
}
