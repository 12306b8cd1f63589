namespace Derm7pt.MLNet.Models;

/// <summary>What a model file gave.</summary>
/// <param name="Model">The model.</param>
/// <param name="Input">What it was fitted on.</param>
/// <param name="Onnx">The model written anew: a graph that this library made, not the one that the file holds.</param>
internal sealed record SavedModel(MultiTaskModel Model, FittedInput Input, byte[] Onnx);
