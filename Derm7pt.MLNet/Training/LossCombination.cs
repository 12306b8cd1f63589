namespace Derm7pt.MLNet;

/// <summary>How one loss is made of the tasks' losses.</summary>
public enum LossCombination
{
    /// <summary>Their sum, as in the paper.</summary>
    Sum,

    /// <summary>Their mean, whose size does not depend on the number of tasks.</summary>
    Mean,
}
