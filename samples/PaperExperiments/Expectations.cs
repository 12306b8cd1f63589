namespace PaperExperiments;

/// <summary>A finding of the article on the mean sharing of two experiments.</summary>
/// <param name="Claim">The article's finding.</param>
/// <param name="More">The experiment that shares more according to the article.</param>
/// <param name="Less">The one that shares less.</param>
internal sealed record Expectation(string Claim, Preset More, Preset Less)
{
    public static IReadOnlyList<Expectation> All { get; } =
    [
        new("with a binary diagnosis the tasks hardly share", More: Presets.Standard, Less: Presets.BinaryDiagnosis),
        new("with half the width the tasks share more", More: Presets.HalfWidth, Less: Presets.Standard),
        new("with half the width the tasks share more", More: Presets.BinaryDiagnosisHalfWidth, Less: Presets.BinaryDiagnosis),
    ];
}
