namespace Derm7pt.MLNet.Inputs;

/// <summary>Provides the message for data whose rows have a different order each time they are read.</summary>
internal static class RowOrder
{
    public const string Changed =
        "The input gave its rows in another order to a second cursor, as shuffled rows may. Cache it (mlContext.Data.Cache) before LoadImages or " +
        "after ExtractPixels: ML.NET's cache leaves image columns out.";
}
