using System.Collections.Immutable;

namespace Derm7pt.MLNet.Columns;

/// <summary>Creates the slot names of the <see cref="ColumnNames.GateAlphas"/> column.</summary>
internal static class GateSlotNames
{
    /// <summary>
    /// Creates one name per gate value. For example, <c>Block1.Diagnosis&lt;-PigmentNetwork[0]</c> is the gate after block 1 through
    /// which Diagnosis reads channel 0 of PigmentNetwork. The order is [block][target task, source task, channel].
    /// </summary>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="channelsPerBlock">The number of channels per task, C, for each block.</param>
    public static ImmutableArray<string> Create(Taxonomy taxonomy, IReadOnlyList<int> channelsPerBlock) =>
    [
        .. from block in Enumerable.Range(0, channelsPerBlock.Count)
           from taking in taxonomy.Tasks
           from giving in taxonomy.Tasks
           from channel in Enumerable.Range(0, channelsPerBlock[block])
           select Invariant($"Block{block + 1}.{taking.Name}<-{giving.Name}[{channel}]"),
    ];
}
