namespace PaperExperiments;

/// <summary>What everything that is written says of itself.</summary>
internal static class Notice
{
    public const string Text = "Research software, not a medical device: nothing here is a diagnosis.";
}
