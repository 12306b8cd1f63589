using System.Reflection;
using Derm7pt.MLNet.Tests;

namespace Derm7pt.MLNet.IntegrationTests.Build;

/// <summary>Runs Derm7pt.MLNet.Tests.Child, which uses the library in a separate process.</summary>
internal static class ChildProgram
{
    private const string Name = "Derm7pt.MLNet.Tests.Child";

    private static readonly string Configuration =
        typeof(ChildProgram).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>Runs the program as it was built, which is without the native libtorch.</summary>
    public static Task<DotNetResult> RunWithoutTorchAsync(
        string folder, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation, params string[] arguments)
    {
        string program = Path.Combine(RepositoryFolder.Path, Name, "bin", Configuration, "net10.0", $"{Name}.dll");
        return DotNet.RunAsync(folder, environment, cancellation, ["exec", program, .. arguments]);
    }

    /// <summary>Runs the program with the dependencies of the tests, including the native libtorch.</summary>
    public static Task<DotNetResult> RunWithTorchAsync(
        string folder, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation, params string[] arguments)
    {
        string tests = Path.Combine(AppContext.BaseDirectory, typeof(ChildProgram).Assembly.GetName().Name!);
        return DotNet.RunAsync(
            folder, environment, cancellation,
            [
                "exec", "--runtimeconfig", $"{tests}.runtimeconfig.json", "--depsfile", $"{tests}.deps.json",
                Path.Combine(AppContext.BaseDirectory, $"{Name}.dll"), .. arguments,
            ]);
    }
}
