using System.Runtime.InteropServices;

namespace Derm7pt.MLNet.Tests.Child;

/// <summary>Accesses the environment that native libraries read. On Unix, .NET uses a copy of it.</summary>
internal static partial class NativeEnvironment
{
    public static string? Get(string name) =>
        OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable(name) : Marshal.PtrToStringUTF8(GetVariable(name));

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetVariable(string name);
}
