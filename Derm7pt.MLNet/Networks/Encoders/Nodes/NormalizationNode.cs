using Derm7pt.MLNet.Onnx;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Derm7pt.MLNet.Networks;

/// <summary>Computes batch normalization with a learned scale and shift, ONNX <c>BatchNormalization</c>.</summary>
/// <param name="Output">The value that it computes.</param>
/// <param name="Input">The value that it reads.</param>
/// <param name="Scale">The name of the scale, [channels].</param>
/// <param name="Shift">The name of the shift, [channels].</param>
/// <param name="Mean">The name of the running mean, [channels].</param>
/// <param name="Variance">The name of the running variance, [channels].</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Epsilon">ε, which is added to the variance.</param>
internal sealed record NormalizationNode(
    string Output, string Input, string Scale, string Shift, string Mean, string Variance, int Channels, float Epsilon)
    : EncoderNode(Output, [Input])
{
    // The value of the imported file is not used, because it belongs to a training with other batches and another length.
    private const double RunningAverageMomentum = 0.1;

    public override bool KeepsOutput => false;

    public override IEnumerable<string> Problems(FeatureShape[] inputs) =>
    [
        .. Require(Epsilon > 0 && float.IsFinite(Epsilon), Invariant($"must have a positive epsilon, got {Epsilon}")),
        .. Require(
            Channels == inputs[0].Channels && !inputs[0].IsVector,
            Invariant($"normalizes {Channels} channels, and '{Input}' has {inputs[0].Channels}")),
    ];

    public override FeatureShape OutputShape(FeatureShape[] inputs, int axis) => inputs[0];

    public override IEnumerable<ParameterSpec> Parameters() =>
    [
        new ParameterSpec(Scale, [Channels], ParameterRole.Norm, ParameterOwner.Shared, Initialization.Ones),
        new ParameterSpec(Shift, [Channels], ParameterRole.Norm, ParameterOwner.Shared, Initialization.Zeros),
        new ParameterSpec(Mean, [Channels], ParameterRole.Buffer, ParameterOwner.Shared, Initialization.Zeros),
        new ParameterSpec(Variance, [Channels], ParameterRole.Buffer, ParameterOwner.Shared, Initialization.Ones) { Minimum = 0 },
    ];

    public override Tensor Forward(TorchScope scope, Tensor[] inputs, bool mayOverwrite) => F.batch_norm(
        inputs[0], scope[Mean], scope[Variance], scope[Scale], scope[Shift], scope.IsTraining, RunningAverageMomentum, Epsilon);

    public override string Emit(GraphScope scope, string[] inputs) => scope.Graph.Node(
        "BatchNormalization", scope.Name(Output),
        [inputs[0], scope.Parameter(Scale), scope.Parameter(Shift), scope.Parameter(Mean), scope.Parameter(Variance)],
        GraphBuilder.Single("epsilon", Epsilon));
}
