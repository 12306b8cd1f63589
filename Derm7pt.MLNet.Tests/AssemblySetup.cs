using System.Runtime.CompilerServices;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public static class AssemblySetup
{
    /// <summary>Turns off the telemetry of ONNX Runtime for tests that use it before any part of the library does so.</summary>
    [AssemblyInitialize]
    public static void UseLibrary(TestContext context) => RuntimeHelpers.RunModuleConstructor(typeof(Taxonomy).Module.ModuleHandle);
}
