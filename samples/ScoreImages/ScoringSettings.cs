namespace ScoreImages;

/// <summary>What the command line says.</summary>
internal sealed record ScoringSettings(string Model, IReadOnlyList<string> Images, string Output, bool Verbose);

/// <summary>Something that keeps the whole run from going on, told in words for the user.</summary>
internal sealed class ScoringException(string message, Exception? inner = null) : Exception(message, inner);
