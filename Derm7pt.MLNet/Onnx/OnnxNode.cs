using System.Collections.Immutable;

namespace Derm7pt.MLNet.Onnx;

/// <summary>A node as a file holds it, unchecked.</summary>
/// <param name="Message">The bytes of the node.</param>
/// <param name="Operation">The operator.</param>
/// <param name="Domain">The set that the operator belongs to; empty for the standard one.</param>
/// <param name="Inputs">The values that it reads; an empty name stands for an optional one that is left out.</param>
/// <param name="Outputs">The values that it computes.</param>
/// <param name="Attributes">Its settings by name.</param>
internal sealed record OnnxNode(
    ReadOnlyMemory<byte> Message, string Operation, string Domain, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, OnnxAttribute> Attributes)
{
    /// <summary>The integer of an attribute, or the operator's default where the node does not have it.</summary>
    public long Integer(string name, long otherwise) => Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Integer : otherwise;

    /// <summary>The number of an attribute, or the operator's default where the node does not have it.</summary>
    public float Float(string name, float otherwise) => Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Float : otherwise;

    /// <summary>The text of an attribute, or the operator's default where the node does not have it.</summary>
    public string Text(string name, string otherwise) => Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Text : otherwise;

    /// <summary>The integers of an attribute; empty if the node does not have it.</summary>
    public ImmutableArray<long> Integers(string name) => Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? attribute.Integers : [];
}

/// <summary>A setting of a node; the operator defines which of the values counts.</summary>
internal sealed record OnnxAttribute
{
    public string Name { get; init; } = "";

    public long Integer { get; init; }

    public float Float { get; init; }

    public string Text { get; init; } = "";

    public ImmutableArray<long> Integers { get; init; } = [];

    public OnnxTensor? Tensor { get; init; }
}
