using System.Reflection;
using Derm7pt.MLNet.Tests;

namespace Derm7pt.MLNet.IntegrationTests.Build;

/// <summary>Runs Derm7pt.MLNet.Tests.Child: the library in a process of its own.</summary>
internal static class ChildProgram
{
    private const string Name = "Derm7pt.MLNet.Tests.Child";

    private static readonly string Configuration =
        typeof(ChildProgram).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>As it was built, which is without the native libtorch.</summary>
    public static Task<DotNetResult> RunWithoutTorchAsync(
        string folder, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation, params string[] arguments)
    {
        string program = Path.Combine(RepositoryFolder.Path, Name, "bin", Configuration, "net10.0", $"{Name}.dll");
        return DotNet.RunAsync(folder, environment, cancellation, ["exec", program, .. arguments]);
    }

    /// <summary>With the dependencies of the tests, native libtorch included.</summary>
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
