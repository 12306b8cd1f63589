namespace Derm7pt.MLNet.Inputs;

/// <summary>Defines the names of data in messages, by the purpose of the data.</summary>
internal static class DataRoles
{
    public const string Training = "training data";
    public const string Validation = "validation set";
    public const string Evaluated = "data to evaluate";
    public const string Sampled = "data to sample";
}
