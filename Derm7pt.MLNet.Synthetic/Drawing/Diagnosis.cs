namespace Derm7pt.MLNet.Synthetic;

/// <summary>The labels of the diagnosis in taxonomy order, for the code that draws them.</summary>
internal enum Diagnosis
{
    BasalCellCarcinoma,
    Nevus,
    Melanoma,
    Miscellaneous,
    SeborrheicKeratosis,
}
