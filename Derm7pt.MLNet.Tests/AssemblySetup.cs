using System.Runtime.CompilerServices;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public static class AssemblySetup
{
    /// <summary>Many tests use ONNX Runtime without the library, which turns off its telemetry as soon as it is used.</summary>
    [AssemblyInitialize]
    public static void UseLibrary(TestContext context) => RuntimeHelpers.RunModuleConstructor(typeof(Taxonomy).Module.ModuleHandle);
}
