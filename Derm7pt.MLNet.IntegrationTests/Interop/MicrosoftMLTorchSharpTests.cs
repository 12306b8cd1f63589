using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Derm7pt.MLNet.IntegrationTests.Build;

namespace Derm7pt.MLNet.IntegrationTests.Interop;

/// <summary>
/// ML.NET's own package on TorchSharp was built for an older version of it, and must live with the one that this library trains on.
/// </summary>
[TestClass]
[TestCategory("Interop")]
public sealed class MicrosoftMLTorchSharpTests
{
    // Used by object detection only.
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
        // As many as there are, or nothing has been checked.
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
            // ML.NET refuses to download from any host but its own before it connects: with a network or without, nothing is asked for.
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
                // What it leaves in these goes with the folder.
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
                // A generic instance: CLASS or VALUETYPE after GENERICINST, then the generic type.
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
            // Some references stand in generic code; any type will do for its parameters.
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
