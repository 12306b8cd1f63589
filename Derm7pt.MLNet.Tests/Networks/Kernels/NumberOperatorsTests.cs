using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Derm7pt.MLNet.Networks.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Networks.Kernels;

[TestClass]
public sealed class NumberOperatorsTests
{
    private static readonly double[] Numbers = [-1.5, -0.25, 0, 0.5, 2];

    [TestMethod]
    public void Operators_Numbers_AreTheirDefinitions()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(Numbers);

        Check(x.Plus(x), v => v + v);
        Check(x.Plus(0.75), v => v + 0.75);
        Check(x.PlusProduct(x, x), v => v + (v * v));
        Check(x.OneMinus(), v => 1 - v);
        Check(x.Times(0.75), v => v * 0.75);
        Check(x.DividedBy(0.75), v => v / 0.75);
        Check(x.Power(3), v => Math.Pow(v, 3));
        Check(x.Limit(-0.5, 1), v => Math.Clamp(v, -0.5, 1));
        Check(x.IsAtLeast(0.5).to(float64), v => v >= 0.5 ? 1 : 0);
        Check(x.LeakyRelu(0.1), v => v < 0 ? 0.1 * v : v);
        Check(x.Elu(0.7), v => v < 0 ? 0.7 * (Math.Exp(v) - 1) : v);
        Tensor added = x.clone(), multiplied = x.clone();
        NumberOperators.Add(added, x, 0.75);
        Check(added, v => v + (0.75 * v));
        NumberOperators.Multiply(multiplied, 0.75);
        Check(multiplied, v => v * 0.75);
        Assert.AreEqual(-1.5, x[0].Value());

        static void Check(Tensor actual, Func<double, double> expected)
        {
            double[] values = actual.data<double>().ToArray();
            for (int i = 0; i < Numbers.Length; i++)
                Assert.AreEqual(expected(Numbers[i]), values[i], 1e-12);
        }
    }

    // Of so many calls of TorchSharp's own operator, several throw an exception then.
    [TestMethod]
    public void Plus_WhileGarbageIsCollected_IsTheSum()
    {
        using var collection = new GarbageCollection();
        using Tensor x = ones(400, float32);

        for (int i = 0; i < 20_000; i++)
        {
            using Tensor sum = x.Plus(2);
            Assert.AreEqual(3, MemoryMarshal.Cast<byte, float>(sum.bytes)[^1]);
        }
    }

    // BannedSymbols.txt does not apply to "x += y", which the compiler turns into the same operators.
    [TestMethod]
    public void Library_TorchOperatorsThatCreateNumbers_AreNotUsed()
    {
        using var file = new PEReader(File.OpenRead(typeof(NumberOperators).Assembly.Location));
        MetadataReader metadata = file.GetMetadataReader();
        string[] operators =
        [
            .. from handle in metadata.MemberReferences
               let member = metadata.GetMemberReference(handle)
               let name = metadata.GetString(member.Name)
               where member.Parent.Kind == HandleKind.TypeReference && name.StartsWith("op_", StringComparison.Ordinal)
                   && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name) == nameof(Tensor)
               where name == "op_Addition" || TakesNumber(metadata.GetBlobReader(member.Signature))
               select name,
        ];

        Assert.IsEmpty(operators, string.Join(", ", operators));
    }

    /// <summary>Determines whether a static method whose result is a class has a parameter of a primitive type.</summary>
    private static bool TakesNumber(BlobReader signature)
    {
        signature.ReadSignatureHeader();
        int parameters = signature.ReadCompressedInteger();
        bool takesNumber = false;
        for (int i = -1; i < parameters; i++)
        {
            if (signature.ReadByte() is (byte)SignatureTypeKind.Class or (byte)SignatureTypeKind.ValueType)
                signature.ReadTypeHandle();
            else
                takesNumber |= i >= 0;
        }

        return takesNumber;
    }
}
