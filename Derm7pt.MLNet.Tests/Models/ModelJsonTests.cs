using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Derm7pt.MLNet.Models;

namespace Derm7pt.MLNet.Tests.Models;

/// <summary>Tests that JSON written without reflection equals JSON written with reflection, byte for byte.</summary>
[TestClass]
public sealed class ModelJsonTests
{
    private static readonly JsonSerializerOptions ByReflection = new()
    {
        AllowDuplicateProperties = false,
        IgnoreReadOnlyProperties = true,
        MaxDepth = 16,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    [TestMethod]
    public void ModelJson_EveryPart_IsWhatReflectionWrites()
    {
        MultiTaskModel model = TestModels.Small();
        IReadOnlyDictionary<string, string> options = new Dictionary<string, string> { ["Größe"] = "<1>", ["b"] = "\"" };

        AssertSame(StoredHistory.Of(model.History), ModelJson.Default.StoredHistory);
        AssertSame(new StoredHistory([new StoredEpoch(1, double.NaN, null, [[float.PositiveInfinity]], TimeSpan.MaxValue)], 0), ModelJson.Default.StoredHistory);
        AssertSame(options, ModelJson.Default.IReadOnlyDictionaryStringString);
        AssertSame(FittedInput.Default, ModelJson.Default.FittedInput);
        AssertSame(new OldShape([5, 3], [2], GateMode.Closed, 3.5, 0.3), ModelJson.Default.OldShape);
        AssertSame(new Dictionary<string, string[]> { ["ä"] = ["x", "é"] }, ModelJson.Default.DictionaryStringStringArray);

        static void AssertSame<T>(T value, JsonTypeInfo<T> type) =>
            Assert.AreEqual(JsonSerializer.Serialize(value, ByReflection), JsonSerializer.Serialize(value, type));
    }

    [TestMethod]
    [DataRow("""{"LabelCounts":[1],"Filters":[1],"Gates":1,"GateSteepness":1,"Dropout":0}""")]
    [DataRow("""{"LabelCounts":[1],"Filters":[1],"Gates":"Closed","Gates":"Closed","GateSteepness":1,"Dropout":0}""")]
    [DataRow("""{"LabelCounts":[1],"Filters":[1],"Gates":"Closed","GateSteepness":1}""")]
    [DataRow("""{"LabelCounts":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]],"Filters":[1],"Gates":"Closed","GateSteepness":1,"Dropout":0}""")]
    public void ModelJson_WhatReflectionRefused_IsRefused(string json)
    {
        Assert.ThrowsExactly<JsonException>(() => JsonSerializer.Deserialize<OldShape>(json, ByReflection));
        Assert.ThrowsExactly<JsonException>(() => JsonSerializer.Deserialize(json, ModelJson.Default.OldShape));
    }
}
