// Compares the library with a literal implementation of the paper, measured alternately in one run:
//
//   dotnet run -c Release --project benchmarks
//   dotnet run -c Release --project benchmarks -- --only step,profile --rounds 9
//
// The table is printed, and written as JSON with the plots into --out.
using Derm7pt.MLNet.Benchmarks;
using Derm7pt.MLNet.Onnx;
using Spectre.Console;

// The baselines use ONNX Runtime before any part of the library.
OnnxTelemetry.DisableEvents();

// Without a terminal there is no width limit, so the table can be wide enough not to wrap.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 150;

return await BenchmarkCommand.Create(AnsiConsole.Console).Parse(args).InvokeAsync();
