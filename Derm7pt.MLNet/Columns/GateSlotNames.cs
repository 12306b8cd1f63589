using System.Collections.Immutable;

namespace Derm7pt.MLNet.Columns;

/// <summary>What the slots of the <see cref="ColumnNames.GateAlphas"/> column are called.</summary>
internal static class GateSlotNames
{
    /// <summary>
    /// One name a gate value, <c>Block1.Diagnosis&lt;-PigmentNetwork[0]</c>: what Diagnosis takes, after block 1, of
    /// PigmentNetwork's channel 0. Blocks follow each other; within a block the order is [taking task, giving task, channel].
    /// </summary>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="channelsPerBlock">For each block, the channels C of one task.</param>
    public static ImmutableArray<string> Create(Taxonomy taxonomy, IReadOnlyList<int> channelsPerBlock) =>
    [
        .. from block in Enumerable.Range(0, channelsPerBlock.Count)
           from taking in taxonomy.Tasks
           from giving in taxonomy.Tasks
           from channel in Enumerable.Range(0, channelsPerBlock[block])
           select Invariant($"Block{block + 1}.{taking.Name}<-{giving.Name}[{channel}]"),
    ];
}
