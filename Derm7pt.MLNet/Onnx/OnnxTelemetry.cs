using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Derm7pt.MLNet.Onnx;

/// <summary>Turns the telemetry of ONNX Runtime off, in time, unless the user has chosen otherwise.</summary>
/// <remarks>
/// <para>
/// From version 1.29 on, ONNX Runtime on Linux and macOS reports the process to its vendor while it creates its environment, that is
/// with the first session, whoever makes it; an identifier and a database of events stay in the home directory.
/// <see cref="OrtEnv.DisableTelemetryEvents"/> needs that environment and so is too late for both. What is in time is an environment
/// variable, and it must be a native one: on these systems .NET keeps a copy of the variables, and
/// <see cref="Environment.SetEnvironmentVariable(string, string)"/> changes the copy only.
/// </para>
/// <para>This file depends on nothing else, so that a program which scores without this library can compile it too.</para>
/// </remarks>
internal static partial class OnnxTelemetry
{
    /// <summary>ONNX Runtime's own variable. If the user has set it, for example to 0 to allow telemetry, it is not changed.</summary>
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    private const string Off = "1";

    private static bool IsOff => Environment.GetEnvironmentVariable(Variable) == Off;

    /// <summary>Sets the variable as soon as anything of this assembly is used, which is before it can create a session.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Any later than the first use of the library may be later than the first session.")]
    internal static void SetVariable()
    {
        string? value = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(value))
            value = Off;
        // For processes that this one starts.
        Environment.SetEnvironmentVariable(Variable, value);
        // For ONNX Runtime in this process; also hands on what the user's program has set through .NET.
        if (!OperatingSystem.IsWindows())
            _ = SetNativeVariable(Variable, value, overwrite: 1);
    }

    /// <summary>
    /// Disables events. It must be called before a session is created. It matters on Windows, where ONNX Runtime ignores the variable, and where the
    /// environment was created before this assembly was used: events end then, though the first ones have been recorded.
    /// </summary>
    public static void DisableEvents()
    {
        if (IsOff)
            OrtEnv.Instance().DisableTelemetryEvents();
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNativeVariable(string name, string value, int overwrite);
}
