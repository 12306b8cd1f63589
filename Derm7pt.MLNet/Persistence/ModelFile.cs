using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Persistence;

/// <summary>The ONNX form of a <see cref="MultiTaskModel"/>: the folded graph, with all that is needed to go on training beside it.</summary>
internal static class ModelFile
{
    /// <summary>Unfolded tensors carry this before their name.</summary>
    public const string StatePrefix = "state/";

    public const string ShapeKey = "derm7pt.shape";
    public const string HistoryKey = "derm7pt.history";
    public const string ParameterCountKey = "derm7pt.parameter_count";

    public static byte[] Write(MultiTaskModel model)
    {
        var metadata = new Dictionary<string, string>
        {
            [ShapeKey] = JsonSerializer.Serialize(model.Shape),
            [HistoryKey] = JsonSerializer.Serialize(model.History),
            [ParameterCountKey] = model.ParameterCount.ToString(CultureInfo.InvariantCulture),
        };
        IEnumerable<NamedTensor> state = model.State.Select(tensor => tensor with { Name = StatePrefix + tensor.Name });
        return OnnxGraphWriter.Write(model.Folded, model.Taxonomy, metadata, state).ToByteArray();
    }
}
