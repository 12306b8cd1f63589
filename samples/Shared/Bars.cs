using Spectre.Console;

namespace Samples.Shared;

/// <summary>The style of progress bars in all samples.</summary>
internal static class Bars
{
    public static ProgressColumn[] Columns =>
        [new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new RemainingTimeColumn()];
}
