namespace Derm7pt.MLNet;

/// <summary>Specifies how the tasks of the network use each other's features.</summary>
public enum GateMode
{
    /// <summary>Every task learns a gate α in (0, 1) for every channel of every other task.</summary>
    Learned,

    /// <summary>All gates between tasks are shut (α = 0): as many independent single-task networks as there are tasks.</summary>
    Closed,
}
