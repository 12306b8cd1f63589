namespace Derm7pt.MLNet;

/// <summary>Specifies the measure on the validation cases that early stopping uses.</summary>
public enum EarlyStoppingMetric
{
    /// <summary>
    /// The mean over all tasks of the macro-averaged F1; higher is better. On Derm7pt the validation loss is lowest
    /// after a few epochs, while macro F1 still climbs for a hundred more.
    /// </summary>
    MeanMacroF1,

    /// <summary>The validation loss, as in the paper; lower is better.</summary>
    ValidationLoss,
}
