using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Derm7pt.MLNet.Networks;

/// <summary>Checks that the application has the native libraries of TorchSharp, which this package does not include.</summary>
/// <remarks>
/// TorchSharp's own answer is a <see cref="TypeInitializationException"/> with a page of trace, printed to the console too, after it
/// has copied half a gigabyte out of the package cache into the application's folder. So its libraries are looked for first.
/// </remarks>
internal static class TorchLibrary
{
    private static readonly Assembly TorchSharp = typeof(torch).Assembly;

    // Like TorchSharp, the search runs once per process.
    private static readonly Lazy<string?> Problem = new(FindProblem);

    /// <summary>The version of the managed half, and so the one that the native half must have.</summary>
    public static string Version => TorchSharp.GetName().Version!.ToString(3);

    private static string PackageChoice => $"TorchSharp-cpu, or TorchSharp-cuda-windows or TorchSharp-cuda-linux for a GPU, version {Version}";

    /// <summary>Throws an exception if libtorch is missing. It must be called before any member of TorchSharp.</summary>
    /// <exception cref="InvalidOperationException">The libraries are missing or cannot be loaded; the message states what to do.</exception>
    public static void Require()
    {
        // The inner exception is omitted, because it is a long list of missing files. Its other content is in the message.
        if (Problem.Value is { } message)
            throw new InvalidOperationException(message);
    }

    private static string? FindProblem()
    {
        // In a notebook, assemblies are loaded from the package cache, where TorchSharp finds libraries that the loader does not.
        Exception? torchProblem = Load("torch_cpu"), bindingProblem = Load("LibTorchSharp");
        if (bindingProblem is not null && !IsInPackageCache(TorchSharp.Location))
            return Describe(torchProblem is null, ReasonOf(torchProblem) ?? ReasonOf(bindingProblem));
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
            return null;
        }
        catch (TypeInitializationException e)
        {
            return Describe(torchIsThere: true, (e.InnerException ?? e).Message.Split('\n')[0].TrimEnd());
        }
    }

    /// <summary>One sentence for the user.</summary>
    /// <param name="torchIsThere">Whether some libtorch could be loaded.</param>
    /// <param name="reason">What the loader of the operating system objects to, if it finds the files.</param>
    internal static string Describe(bool torchIsThere, string? reason)
    {
        if (reason?.Contains("GLIBC", StringComparison.Ordinal) == true)
        {
            return $"The system's C or C++ library is older than TorchSharp {Version} declares ({reason}): build the application with the " +
                "build targets of the package Derm7pt.MLNet, that is with Derm7ptWeakSymbolVersion not set to false, or use a newer system.";
        }

        return torchIsThere || reason is not null
            ? $"The native libtorch of this application cannot be used by TorchSharp {Version} ({reason ?? "LibTorchSharp is missing"}): " +
                $"reference the package {PackageChoice}, and no other version of it."
            : "Training and Grad-CAM need the native libtorch, which this application lacks: add the package " +
                $"{PackageChoice}, to the application's project.";
    }

    /// <summary>The line of the loader's report that is about a file which it has found.</summary>
    /// <remarks>The first line is .NET's own; of the others most name places where there is no such file.</remarks>
    internal static string? ReasonOf(Exception? failure) => failure?.Message
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Skip(1)
        .FirstOrDefault(line => !line.Contains("no such file", StringComparison.OrdinalIgnoreCase));

    private static Exception? Load(string library)
    {
        try
        {
            NativeLibrary.Load(library, TorchSharp, searchPath: null);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return e;
        }
    }

    // …/torchsharp/<version>/lib/<framework>/TorchSharp.dll
    private static bool IsInPackageCache(string location) =>
        location.Contains($"{Path.DirectorySeparatorChar}torchsharp{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
}
