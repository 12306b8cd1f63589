namespace Derm7pt.MLNet;

/// <summary>Specifies how the tasks' losses are combined into one loss.</summary>
public enum LossCombination
{
    /// <summary>Their sum, as in the paper.</summary>
    Sum,

    /// <summary>Their mean, whose size does not depend on the number of tasks.</summary>
    Mean,
}
