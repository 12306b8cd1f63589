namespace QuickStart;

/// <summary>The columns of a case that are used for scoring, and those that are shown with the prediction.</summary>
internal sealed class CaseInput
{
    public string ImagePath { get; set; } = "";

    public string DiagnosisRaw { get; set; } = "";

    public float StoredSevenPointScore { get; set; }
}

/// <summary>The columns of the multi-task stage, bound to properties by name.</summary>
internal sealed class CasePrediction
{
    public string DiagnosisPredictedLabelText { get; set; } = "";

    public float[] DiagnosisScore { get; set; } = [];

    public string PigmentNetworkPredictedLabelText { get; set; } = "";

    public string BlueWhitishVeilPredictedLabelText { get; set; } = "";

    public string VascularStructuresPredictedLabelText { get; set; } = "";

    public string PigmentationPredictedLabelText { get; set; } = "";

    public string StreaksPredictedLabelText { get; set; } = "";

    public string DotsAndGlobulesPredictedLabelText { get; set; } = "";

    public string RegressionStructuresPredictedLabelText { get; set; } = "";

    public float SevenPointScore { get; set; }

    public float MelanomaProbability { get; set; }
}
