using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using Derm7pt.MLNet.Tests;

namespace Derm7pt.MLNet.IntegrationTests.Build;

/// <summary>Packs the library and uses the package as a consumer would.</summary>
[TestClass]
[TestCategory("Package")]
public sealed class PackageTests
{
    // No other build has this version, so no cache can contain an older package of it.
    private static readonly string Version = $"0.0.0-test.{Guid.NewGuid():N}";
    private static string _folder = "";
    private static string _package = "";

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Pack(TestContext context)
    {
        // The consumer is outside the repository, so that the props files of the repository do not affect it.
        _folder = Directory.CreateTempSubdirectory("derm7pt-package-").FullName;
        string feed = Path.Combine(_folder, "feed");
        string configuration = typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        await SucceedAsync(
            context, RepositoryFolder.Path, [],
            "pack", "Derm7pt.MLNet/Derm7pt.MLNet.csproj", "--no-build", "-c", configuration, "-o", feed,
            $"-p:PackageVersion={Version}", $"-p:NuspecOutputPath={Path.Combine(_folder, "nuspec")}");
        _package = Path.Combine(feed, $"Derm7pt.MLNet.{Version}.nupkg");
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Pack_Library_CarriesTargetsDocumentationAndSymbols()
    {
        using ZipArchive package = ZipFile.OpenRead(_package);
        string[] entries = package.Entries.Select(entry => entry.FullName).ToArray();

        foreach (string expected in new[]
        {
            "buildTransitive/Derm7pt.MLNet.targets", "buildTransitive/WeakSymbolVersion.cs",
            "lib/net10.0/Derm7pt.MLNet.dll", "lib/net10.0/Derm7pt.MLNet.xml",
        })
        {
            Assert.Contains(expected, entries);
        }
        Assert.AreEqual(File.Exists(Path.Combine(RepositoryFolder.Path, "README.md")), entries.Contains("README.md"));

        using ZipArchive symbols = ZipFile.OpenRead(Path.ChangeExtension(_package, ".snupkg"));
        Assert.Contains("lib/net10.0/Derm7pt.MLNet.pdb", symbols.Entries.Select(entry => entry.FullName));
    }

    [TestMethod]
    public void Pack_Library_DependsOnManagedTorchSharpOnly()
    {
        using ZipArchive package = ZipFile.OpenRead(_package);
        using Stream stream = package.GetEntry("Derm7pt.MLNet.nuspec")!.Open();
        XElement[] dependencies = XDocument.Load(stream).Descendants().Where(e => e.Name.LocalName == "dependency").ToArray();

        string[] torch = dependencies
            .Select(e => e.Attribute("id")!.Value)
            .Where(id => id.Contains("torch", StringComparison.OrdinalIgnoreCase))
            .ToArray();
        CollectionAssert.AreEqual(new[] { "TorchSharp" }, torch);
        // Otherwise NuGet excludes buildTransitive and the native part of a dependency.
        foreach (XElement dependency in dependencies)
            Assert.DoesNotContain("native", dependency.Attribute("exclude")?.Value.ToLowerInvariant() ?? "");
    }

    [TestMethod]
    [DataRow(false, DisplayName = "run from the build output")]
    [DataRow(true, DisplayName = "published as a single file for one RID")]
    public async Task Consumer_OfThePackage_LoadsTorch(bool published)
    {
        string project = Directory.CreateDirectory(Path.Combine(_folder, published ? "published" : "built")).FullName;
        string framework = new DirectoryInfo(AppContext.BaseDirectory).Name;
        string torchSharp = typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(3);
        await File.WriteAllTextAsync(Path.Combine(project, "Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>{framework}</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Derm7pt.MLNet" Version="{Version}" />
                <PackageReference Include="TorchSharp-cpu" Version="{torchSharp}" />
              </ItemGroup>
            </Project>
            """, TestContext.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), """
            using TorchSharp;
            Console.WriteLine($"sum {torch.arange(4).sum().item<long>()} of {Derm7pt.MLNet.Taxonomy.Derm7pt.Tasks.Count} tasks");
            """, TestContext.CancellationToken);
        await WriteNuGetConfigAsync(project);
        // The package under test is restored to a separate folder; packages that are already restored for this build are only read.
        // The folder is below the project, where code in the package must not be compiled as part of the project.
        var environment = new Dictionary<string, string> { ["NUGET_PACKAGES"] = Path.Combine(project, "packages") };

        string output;
        if (published)
        {
            string target = Path.Combine(project, "out");
            await SucceedAsync(
                TestContext, project, environment,
                "publish", "-r", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "--self-contained", "false",
                "-p:PublishSingleFile=true", "-o", target);
            string executable = Path.Combine(target, OperatingSystem.IsWindows() ? "Consumer.exe" : "Consumer");
            DotNetResult result = await DotNet.StartAsync(executable, project, environment, TestContext.CancellationToken);
            Assert.AreEqual(0, result.ExitCode, result.Output);
            output = result.Output;
        }
        else
        {
            output = await SucceedAsync(TestContext, project, environment, "run");
        }

        Assert.Contains("sum 6 of 8 tasks", output);
    }

    private static async Task WriteNuGetConfigAsync(string project)
    {
        string packagesOfThisBuild = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        XElement registry = XDocument.Load(Path.Combine(RepositoryFolder.Path, "nuget.config"))
            .Descendants("packageSources").Elements("add").Single();

        var config = new XElement(
            "configuration",
            new XElement(
                "packageSources",
                new XElement("clear"),
                new XElement("add", new XAttribute("key", "local"), new XAttribute("value", Path.Combine(_folder, "feed"))),
                registry),
            new XElement(
                "packageSourceMapping",
                new XElement("clear"),
                new XElement(
                    "packageSource", new XAttribute("key", "local"),
                    new XElement("package", new XAttribute("pattern", "Derm7pt.MLNet"))),
                new XElement(
                    "packageSource", new XAttribute("key", registry.Attribute("key")!.Value),
                    new XElement("package", new XAttribute("pattern", "*")))),
            new XElement(
                "fallbackPackageFolders",
                new XElement("clear"),
                Directory.Exists(packagesOfThisBuild)
                    ? new XElement("add", new XAttribute("key", "cache"), new XAttribute("value", packagesOfThisBuild))
                    : null));
        await File.WriteAllTextAsync(Path.Combine(project, "nuget.config"), config.ToString());
    }

    private static async Task<string> SucceedAsync(
        TestContext context, string folder, Dictionary<string, string> environment, params string[] arguments)
    {
        DotNetResult result = await DotNet.RunAsync(folder, environment, context.CancellationToken, arguments);
        Assert.AreEqual(0, result.ExitCode, $"dotnet {string.Join(' ', arguments)}\n{result.Output}");
        return result.Output;
    }
}
