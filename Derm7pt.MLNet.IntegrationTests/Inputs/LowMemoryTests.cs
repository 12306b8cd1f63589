using Derm7pt.MLNet.IntegrationTests.Build;
using Derm7pt.MLNet.Tests.Inputs;
using SkiaSharp;

namespace Derm7pt.MLNet.IntegrationTests.Inputs;

/// <summary>Tests decoding in a process with little memory.</summary>
[TestClass]
public sealed class LowMemoryTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task Read_TooLittleMemory_NamesTheFile()
    {
        const int Side = 10_000;
        string small = TemporaryImages.Write(300, 200, SKEncodedImageFormat.Jpeg);
        string path = TemporaryImages.Write(PlainPng.Write(Side, 1, PlainPng.Gray, [.. Enumerable.Repeat(new byte[Side / 8], Side)]), ".png");

        DotNetResult result = await ChildProgram.RunWithoutTorchAsync(
            TemporaryImages.Folder, new Dictionary<string, string>(), TestContext.CancellationToken, "low-memory", small, path);

        Assert.AreNotEqual(0, result.ExitCode);
        StringAssert.Contains(
            result.Output,
            $"InsufficientMemoryException: '{path}' cannot be decoded: There is not enough memory for an image of 10000×10000 pixels.");
    }
}
