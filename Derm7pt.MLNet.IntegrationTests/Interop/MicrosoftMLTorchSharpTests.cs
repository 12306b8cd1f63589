using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Derm7pt.MLNet.IntegrationTests.Build;

namespace Derm7pt.MLNet.IntegrationTests.Interop;

/// <summary>
/// Tests that Microsoft.ML.TorchSharp, which was built for an older version of TorchSharp, works with the version that this library uses.
/// </summary>
[TestClass]
[TestCategory("Interop")]
public sealed class MicrosoftMLTorchSharpTests
{
    // Only object detection uses this function.
    private const string Known = "TorchSharp.torch+nn+functional.interpolate";

    private static readonly string Library = Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.TorchSharp.dll");

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public void References_ToTorchSharp_ResolveButTheKnownOne()
    {
        Module module = Assembly.LoadFrom(Library).ManifestModule;
        using var file = new PEReader(File.OpenRead(Library));
        MetadataReader metadata = file.GetMetadataReader();
        MemberReferenceHandle[] references = [.. metadata.MemberReferences.Where(handle => IsOfTorchSharp(metadata, metadata.GetMemberReference(handle).Parent))];
        // The number of references shows that the check covers them.
        Assert.IsGreaterThan(300, references.Length);

        string[] missing = [.. references.Where(handle => !Resolves(module, handle)).Select(handle => Name(metadata, handle))];

        Assert.AreEqual(Known, string.Join(Environment.NewLine, missing));
    }

    [TestMethod]
    public async Task Fit_BesideThisLibrary_GetsToTheDownloadOfItsWeights()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("derm7pt-beside-");
        try
        {
            // ML.NET does not connect to hosts other than its own, so the result is the same with and without a network.
            string temporary = folder.CreateSubdirectory("temporary").FullName;
            using var server = new TcpListener(IPAddress.Loopback, port: 0);
            server.Start();
            string address = FormattableString.Invariant($"http://{server.LocalEndpoint}/");
            var environment = new Dictionary<string, string>
            {
                ["MICROSOFTML_RESOURCE_URL"] = address,
                ["MICROSOFTML_RESOURCE_PATH"] = Path.Combine(temporary, "resources"),
                ["http_proxy"] = address,
                ["https_proxy"] = address,
                ["no_proxy"] = "",
                // Files that it creates here are deleted with the folder.
                ["TMPDIR"] = temporary,
                ["TMP"] = temporary,
                ["HOME"] = temporary,
            };

            DotNetResult result = await ChildProgram.RunWithTorchAsync(
                folder.FullName, environment, TestContext.CancellationToken, "beside", Path.Combine(folder.FullName, "release"));

            Assert.AreEqual(0, result.ExitCode, result.Output);
            Assert.Contains("text classification: wants its weights", result.Output);
            Assert.IsFalse(server.Pending(), "something was asked for");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsOfTorchSharp(MetadataReader metadata, EntityHandle parent)
    {
        switch (parent.Kind)
        {
            case HandleKind.TypeReference:
                EntityHandle scope = metadata.GetTypeReference((TypeReferenceHandle)parent).ResolutionScope;
                return scope.Kind == HandleKind.AssemblyReference
                    ? metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) == "TorchSharp"
                    : IsOfTorchSharp(metadata, scope);
            case HandleKind.TypeSpecification:
                // In a generic instance, CLASS or VALUETYPE follows GENERICINST, and then the generic type.
                BlobReader signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
                return signature.ReadSignatureTypeCode() == SignatureTypeCode.GenericTypeInstance
                    && signature.ReadSignatureTypeCode() == SignatureTypeCode.TypeHandle
                    && IsOfTorchSharp(metadata, signature.ReadTypeHandle());
            default:
                return false;
        }
    }

    private static bool Resolves(Module module, MemberReferenceHandle handle)
    {
        try
        {
            // Some references are in generic code; its type parameters can be any type.
            Type[] context = [typeof(float), typeof(float)];
            return module.ResolveMember(MetadataTokens.GetToken(handle), context, context) is not null;
        }
        catch (Exception e) when (e is MissingMemberException or TypeLoadException)
        {
            return false;
        }
    }

    private static string Name(MetadataReader metadata, MemberReferenceHandle handle)
    {
        MemberReference member = metadata.GetMemberReference(handle);
        string name = metadata.GetString(member.Name);
        return member.Parent.Kind == HandleKind.TypeReference ? $"{TypeName((TypeReferenceHandle)member.Parent)}.{name}" : name;

        string TypeName(TypeReferenceHandle type)
        {
            TypeReference reference = metadata.GetTypeReference(type);
            string own = metadata.GetString(reference.Name);
            return reference.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{TypeName((TypeReferenceHandle)reference.ResolutionScope)}+{own}"
                : $"{metadata.GetString(reference.Namespace)}.{own}";
        }
    }
}
