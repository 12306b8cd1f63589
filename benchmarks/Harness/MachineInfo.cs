using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Benchmarks.Harness;

/// <summary>The machine that figures hold for.</summary>
internal sealed record MachineInfo
{
    public required string Processor { get; init; }

    public required int Cores { get; init; }

    public required string Simd { get; init; }

    public required double MemoryGigabytes { get; init; }

    public required string Os { get; init; }

    public required string DotNet { get; init; }

    public required string TorchSharp { get; init; }

    public required string Libtorch { get; init; }

    public required int TorchThreads { get; init; }

    public required string OnnxRuntime { get; init; }

    /// <summary>GFLOP/s of libtorch's single-precision matrix product, the most that the processor gives in practice.</summary>
    public required Spread SgemmGigaflops { get; init; }

    public static MachineInfo Measure(int matrixExtent) => new()
    {
        Processor = ProcessorName(),
        Cores = Environment.ProcessorCount,
        Simd = string.Join(' ', InstructionSets()),
        MemoryGigabytes = Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30), 1),
        Os = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}",
        DotNet = RuntimeInformation.FrameworkDescription,
        TorchSharp = typeof(Tensor).Assembly.GetName().Version!.ToString(3),
        Libtorch = __version__,
        TorchThreads = get_num_threads(),
        OnnxRuntime = OrtEnv.Instance().GetVersionString(),
        SgemmGigaflops = Spread.Of([.. Sgemm.Rounds(matrixExtent, count: 7)]),
    };

    private static string ProcessorName()
    {
        if (OperatingSystem.IsLinux())
        {
            string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
            if (line is not null)
                return line[(line.IndexOf(':') + 1)..].Trim();
        }

        if (OperatingSystem.IsMacOS())
        {
            using Process? sysctl = Process.Start(new ProcessStartInfo("sysctl", "-n machdep.cpu.brand_string") { RedirectStandardOutput = true });
            if (sysctl?.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } name)
                return name;
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static IEnumerable<string> InstructionSets()
    {
        (string Name, bool IsThere)[] sets =
        [
            ("SSE4.2", Sse42.IsSupported), ("AVX", Avx.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
            ("AVX-512F", Avx512F.IsSupported), ("AVX-512VBMI", Avx512Vbmi.IsSupported), ("NEON", AdvSimd.IsSupported),
        ];
        return sets.Where(set => set.IsThere).Select(set => set.Name);
    }
}
