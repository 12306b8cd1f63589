using Derm7pt.MLNet;

namespace PaperExperiments;

/// <summary>An experiment, defined by the difference of its network from the standard one.</summary>
internal sealed record Preset(string Name, string Description)
{
    /// <summary>The name in words, which a narrow column can break.</summary>
    public string Title => Name.Replace('-', ' ');

    public Taxonomy Taxonomy { get; init; } = Taxonomy.Derm7pt;

    public NetworkOptions Network { get; init; } = new();
}

/// <summary>The paper's experiments.</summary>
internal static class Presets
{
    public static Preset Standard { get; } = new("standard", "five diagnoses, learned gates");

    public static Preset BinaryDiagnosis { get; } =
        new("binary-diagnosis", "melanoma or not, learned gates") { Taxonomy = Taxonomy.BinaryDiagnosis };

    public static Preset HalfWidth { get; } =
        new("half-width", "five diagnoses, half the filters") { Network = new NetworkOptions { WidthMultiplier = 0.5 } };

    public static Preset BinaryDiagnosisHalfWidth { get; } =
        new("binary-diagnosis-half-width", "melanoma or not, half the filters")
        {
            Taxonomy = Taxonomy.BinaryDiagnosis,
            Network = new NetworkOptions { WidthMultiplier = 0.5 },
        };

    public static Preset ClosedGates { get; } =
        new("closed-gates", "five diagnoses, single-task networks") { Network = new NetworkOptions { Gates = GateMode.Closed } };

    /// <summary>All of them, in the order of tables.</summary>
    public static IReadOnlyList<Preset> All { get; } =
        [Standard, BinaryDiagnosis, HalfWidth, BinaryDiagnosisHalfWidth, ClosedGates];
}
