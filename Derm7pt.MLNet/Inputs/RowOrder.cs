namespace Derm7pt.MLNet.Inputs;

/// <summary>What is said of data that do not give their rows in the same order twice.</summary>
internal static class RowOrder
{
    public const string Changed =
        "The input gave its rows in another order to a second cursor, as shuffled rows may. Cache it (mlContext.Data.Cache) before LoadImages or " +
        "after ExtractPixels: ML.NET's cache leaves image columns out.";
}
