namespace Derm7pt.MLNet.Tests.Architecture;

/// <summary>There is one type for each place of a reference; each refers only there to a type that is nested in <see cref="Target"/>.</summary>
[TestClass]
public sealed class TypeReferencesTests
{
    private static readonly TypeReferences Read = TypeReferences.Of(typeof(TypeReferencesTests).Assembly.Location);

    [TestMethod]
    [DataRow(typeof(InBase))]
    [DataRow(typeof(InInterface))]
    [DataRow(typeof(InBaseArgument))]
    [DataRow(typeof(InConstraint<>))]
    [DataRow(typeof(InMethodConstraint))]
    [DataRow(typeof(InField))]
    [DataRow(typeof(InFieldArgument))]
    [DataRow(typeof(InProperty))]
    [DataRow(typeof(InEvent))]
    [DataRow(typeof(InParameter))]
    [DataRow(typeof(InResult))]
    [DataRow(typeof(InTypeOf))]
    [DataRow(typeof(InStaticCall))]
    [DataRow(typeof(InGenericCall))]
    [DataRow(typeof(InMemberOfGeneric))]
    [DataRow(typeof(InCast))]
    [DataRow(typeof(InCatch))]
    [DataRow(typeof(InLocal))]
    [DataRow(typeof(InLambda))]
    [DataRow(typeof(InIterator))]
    [DataRow(typeof(InAsync))]
    [DataRow(typeof(InNested))]
    [DataRow(typeof(InSwitch))]
    [DataRow(typeof(InAttribute))]
    [DataRow(typeof(InAttributeArgument))]
    [DataRow(typeof(InAttributeArrayOfMember))]
    [DataRow(typeof(InAttributeOfParameter))]
    [DataRow(typeof(IInInterfaceMember))]
    [DataRow(typeof(InDelegate))]
    [DataRow(typeof(InPointer))]
    public void Of_TypeThatMentionsAnother_HasTheReference(Type type) =>
        Assert.Contains(typeof(Target).FullName!, Read.References[type.FullName!]);

    [TestMethod]
    public void Of_TypeThatMentionsNoOther_HasNone() => Assert.IsEmpty(Read.References[typeof(Target).FullName!]);

    [TestMethod]
    [DataRow(typeof(Target))]
    [DataRow(typeof(IInInterfaceMember))]
    [DataRow(typeof(WithoutCode))]
    public void Of_AnyType_HasItsFile(Type type)
    {
        string file = Read.Files[type.FullName!].Single();

        Assert.EndsWith("/Architecture/ReferencingTypes.cs", file);
    }

    [TestMethod]
    public void Of_FileThatImportsANamespace_HasTheNamespace() =>
        Assert.Contains(import => import.File.EndsWith("/Architecture/Instructions.cs", StringComparison.Ordinal)
            && import.Namespace == "System.Reflection.Emit", Read.Imports);
}
