namespace ScoreImages;

/// <summary>The settings from the command line.</summary>
internal sealed record ScoringSettings(string Model, IReadOnlyList<string> Images, string Output, bool Verbose);

/// <summary>An error that ends the whole run, with a message for the user.</summary>
internal sealed class ScoringException(string message, Exception? inner = null) : Exception(message, inner);
