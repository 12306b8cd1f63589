// The paper's five experiments (Coppola, Lee and Guan, CVPR Workshops 2020) with one command:
//
//   dotnet run --project samples/PaperExperiments -- --data /path/to/release_v0 --seeds 3 --out runs/paper
//   dotnet run --project samples/PaperExperiments -- --fast
//
// Every preset and seed has a folder, <out>/<preset>/seed-<n>; the comparison of all is <out>/summary.md (.json, .csv). Run the
// same command again to resume after an interruption; finished runs are kept. Research software, not a medical device.
using PaperExperiments;
using Spectre.Console;

return await ExperimentCommand.Create(AnsiConsole.Console).Parse(args)
    // Time enough to end a mini-batch and to write the checkpoint.
    .InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
