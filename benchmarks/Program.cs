// What the library takes beside what a reader of the paper would write first, measured in turns in one run:
//
//   dotnet run -c Release --project benchmarks
//   dotnet run -c Release --project benchmarks -- --only step,profile --rounds 9
//
// The table is printed, and written as JSON with the plots into --out.
using Derm7pt.MLNet.Benchmarks;
using Derm7pt.MLNet.Onnx;
using Spectre.Console;

// The baselines use ONNX Runtime before anything of the library.
OnnxTelemetry.DisableEvents();

// Where nobody watches there is no width to keep to, and a table that is wide enough is read best.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 150;

return await BenchmarkCommand.Create(AnsiConsole.Console).Parse(args).InvokeAsync();
