namespace Derm7pt.MLNet.Models;

/// <summary>Represents the content of a model file.</summary>
/// <param name="Model">The model.</param>
/// <param name="Input">The properties of the training data.</param>
/// <param name="Onnx">The model as ONNX, with a graph that this library created from the weights, not the graph of the file.</param>
internal sealed record SavedModel(MultiTaskModel Model, FittedInput Input, byte[] Onnx);
