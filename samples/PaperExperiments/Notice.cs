namespace PaperExperiments;

/// <summary>The notice in every file that is written.</summary>
internal static class Notice
{
    public const string Text = "Research software, not a medical device: nothing here is a diagnosis.";
}
