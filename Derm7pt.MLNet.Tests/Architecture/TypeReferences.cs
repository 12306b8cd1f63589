using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Derm7pt.MLNet.Tests.Architecture;

/// <summary>Reads from the metadata of an assembly the types that each type refers to, and the files in which it is defined.</summary>
/// <remarks>
/// Nested types, including lambdas, iterators and asynchronous methods, count as the type that contains them. A reference is any use in a
/// signature, a base, a constraint, an attribute, a local variable or a method's instructions. Constants, which the compiler copies,
/// are not in the metadata; the namespaces that a file imports for them are, and <see cref="Imports"/> contains these.
/// </remarks>
internal sealed class TypeReferences
{
    // The compiler writes this record for a type without a method that has a sequence point (an enum, an interface).
    private static readonly Guid TypeDefinitionDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private readonly MetadataReader _metadata;
    private readonly MetadataReader _symbols;
    private readonly PEReader _image;
    private readonly Dictionary<string, TypeDefinitionHandle> _byName = [];
    private readonly List<string> _longNamesFirst;
    private readonly Dictionary<string, HashSet<string>> _references = [];
    private readonly Dictionary<string, HashSet<string>> _files = [];
    private readonly HashSet<(string File, string Namespace)> _imports = [];

    private TypeReferences(PEReader image, MetadataReader symbols)
    {
        (_image, _metadata, _symbols) = (image, image.GetMetadataReader(), symbols);
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
            _byName[ReflectionName(handle)] = handle;
        _longNamesFirst = [.. _byName.Keys.Where(name => name.Contains('.')).OrderByDescending(name => name.Length)];
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
            Read(handle);
        foreach (CustomDebugInformationHandle handle in _symbols.CustomDebugInformation)
            ReadDocuments(_symbols.GetCustomDebugInformation(handle));
    }

    /// <summary>Gets, for the full name of each outermost type, the full names of the outermost types of the assembly that it refers to.</summary>
    public IReadOnlyDictionary<string, HashSet<string>> References => _references;

    /// <summary>Gets, for the full name of each outermost type, the source files that define it.</summary>
    public IReadOnlyDictionary<string, HashSet<string>> Files => _files;

    /// <summary>Gets the namespaces that the methods of each source file import.</summary>
    public IReadOnlyCollection<(string File, string Namespace)> Imports => _imports;

    /// <param name="assembly">An assembly with its portable symbol file in the same folder.</param>
    public static TypeReferences Of(string assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly));
        using MetadataReaderProvider symbols =
            MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assembly, ".pdb")));
        return new TypeReferences(image, symbols.GetMetadataReader());
    }

    private void Read(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        string name = OutermostName(handle);
        var found = new Found(this, name);
        _references.TryAdd(name, []);
        _files.TryAdd(name, []);

        found.Add(type.BaseType);
        found.AddAttributes(type.GetCustomAttributes());
        found.AddConstraints(type.GetGenericParameters());
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            found.Add(_metadata.GetInterfaceImplementation(implementation).Interface);
            found.AddAttributes(_metadata.GetInterfaceImplementation(implementation).GetCustomAttributes());
        }

        foreach (FieldDefinition field in type.GetFields().Select(_metadata.GetFieldDefinition))
        {
            field.DecodeSignature(found, null);
            found.AddAttributes(field.GetCustomAttributes());
        }

        foreach (PropertyDefinition property in type.GetProperties().Select(_metadata.GetPropertyDefinition))
        {
            property.DecodeSignature(found, null);
            found.AddAttributes(property.GetCustomAttributes());
        }

        foreach (EventDefinition member in type.GetEvents().Select(_metadata.GetEventDefinition))
        {
            found.Add(member.Type);
            found.AddAttributes(member.GetCustomAttributes());
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
            ReadMethod(method, name, found);
    }

    private void ReadMethod(MethodDefinitionHandle handle, string type, Found found)
    {
        MethodDefinition method = _metadata.GetMethodDefinition(handle);
        method.DecodeSignature(found, null);
        found.AddAttributes(method.GetCustomAttributes());
        found.AddConstraints(method.GetGenericParameters());
        foreach (ParameterHandle parameter in method.GetParameters())
            found.AddAttributes(_metadata.GetParameter(parameter).GetCustomAttributes());
        if (method.RelativeVirtualAddress == 0)
            return;

        MethodBodyBlock body = _image.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
            _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(found, null);
        foreach (ExceptionRegion region in body.ExceptionRegions)
            found.Add(region.CatchType);
        foreach (EntityHandle token in Instructions.Tokens(body.GetILReader()))
            found.Add(token);

        MethodDebugInformation debug = _symbols.GetMethodDebugInformation(handle.ToDebugInformationHandle());
        foreach (SequencePoint point in debug.GetSequencePoints())
            _files[type].Add(FileName(point.Document));

        ReadImports(handle, debug);
    }

    private void ReadImports(MethodDefinitionHandle handle, MethodDebugInformation debug)
    {
        if (debug.Document.IsNil)
            return;
        foreach (LocalScopeHandle local in _symbols.GetLocalScopes(handle))
        {
            for (ImportScopeHandle scope = _symbols.GetLocalScope(local).ImportScope; !scope.IsNil; scope = _symbols.GetImportScope(scope).Parent)
            {
                foreach (ImportDefinition import in _symbols.GetImportScope(scope).GetImports())
                {
                    if (import.Kind is ImportDefinitionKind.ImportNamespace or ImportDefinitionKind.AliasNamespace)
                        _imports.Add((FileName(debug.Document), System.Text.Encoding.UTF8.GetString(_symbols.GetBlobBytes(import.TargetNamespace))));
                }
            }
        }
    }

    private void ReadDocuments(CustomDebugInformation information)
    {
        if (_symbols.GetGuid(information.Kind) != TypeDefinitionDocuments)
            return;
        BlobReader documents = _symbols.GetBlobReader(information.Value);
        while (documents.RemainingBytes > 0)
            _files[OutermostName((TypeDefinitionHandle)information.Parent)].Add(FileName(MetadataTokens.DocumentHandle(documents.ReadCompressedInteger())));
    }

    private string FileName(DocumentHandle handle) => _symbols.GetString(_symbols.GetDocument(handle).Name).Replace('\\', '/');

    private string OutermostName(TypeDefinitionHandle handle)
    {
        while (_metadata.GetTypeDefinition(handle).GetDeclaringType() is { IsNil: false } outer)
            handle = outer;
        return ReflectionName(handle);
    }

    private string ReflectionName(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        string name = _metadata.GetString(type.Name), space = _metadata.GetString(type.Namespace);
        return type.GetDeclaringType() is { IsNil: false } outer ? $"{ReflectionName(outer)}+{name}" : space.Length > 0 ? $"{space}.{name}" : name;
    }

    /// <summary>Collects the types that one type refers to. A decoded type is <see langword="null"/>, since only the reference is recorded.</summary>
    private sealed class Found(TypeReferences all, string name) : ISignatureTypeProvider<object?, object?>
    {
        private readonly MetadataReader _metadata = all._metadata;

        public void Add(EntityHandle handle)
        {
            if (handle.IsNil)
                return;
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    string other = all.OutermostName((TypeDefinitionHandle)handle);
                    if (other != name)
                        all._references[name].Add(other);
                    break;
                case HandleKind.TypeSpecification:
                    _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.FieldDefinition:
                    Add(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MethodDefinition:
                    MethodDefinition method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                    Add(method.GetDeclaringType());
                    // The type of an argument may be absent from the caller's instructions, for example that of an enum constant.
                    method.DecodeSignature(this, null);
                    break;
                case HandleKind.MethodSpecification:
                    MethodSpecification specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                    Add(specification.Method);
                    specification.DecodeSignature(this, null);
                    break;
                case HandleKind.MemberReference:
                    MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                    Add(member.Parent);
                    if (member.GetKind() == MemberReferenceKind.Method)
                        member.DecodeMethodSignature(this, null);
                    else
                        member.DecodeFieldSignature(this, null);
                    break;
                case HandleKind.StandaloneSignature:
                    _metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(this, null);
                    break;
            }
        }

        public void AddConstraints(GenericParameterHandleCollection parameters)
        {
            foreach (GenericParameter parameter in parameters.Select(_metadata.GetGenericParameter))
            {
                AddAttributes(parameter.GetCustomAttributes());
                foreach (GenericParameterConstraintHandle constraint in parameter.GetConstraints())
                    Add(_metadata.GetGenericParameterConstraint(constraint).Type);
            }
        }

        public void AddAttributes(CustomAttributeHandleCollection attributes)
        {
            foreach (CustomAttribute attribute in attributes.Select(_metadata.GetCustomAttribute))
            {
                Add(attribute.Constructor);
                AddNames(System.Text.Encoding.UTF8.GetString(_metadata.GetBlobBytes(attribute.Value)));
            }
        }

        /// <summary>An attribute contains type names as text, with their namespace: <c>Space.Outer+Inner</c>, within those of generic types too.</summary>
        private void AddNames(string value)
        {
            for (int start = 0; start < value.Length; start++)
            {
                if (all._longNamesFirst.Find(candidate => string.CompareOrdinal(value, start, candidate, 0, candidate.Length) == 0) is not { } found)
                    continue;
                Add(all._byName[found]);
                start += found.Length - 1;
            }
        }

        public object? GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            Add(handle);
            return null;
        }

        public object? GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            Add(handle);
            return null;
        }

        public object? GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => null;

        public object? GetPrimitiveType(PrimitiveTypeCode typeCode) => null;

        public object? GetArrayType(object? elementType, ArrayShape shape) => null;

        public object? GetSZArrayType(object? elementType) => null;

        public object? GetByReferenceType(object? elementType) => null;

        public object? GetPointerType(object? elementType) => null;

        public object? GetPinnedType(object? elementType) => null;

        public object? GetModifiedType(object? modifier, object? unmodifiedType, bool isRequired) => null;

        public object? GetGenericInstantiation(object? genericType, ImmutableArray<object?> typeArguments) => null;

        public object? GetGenericMethodParameter(object? genericContext, int index) => null;

        public object? GetGenericTypeParameter(object? genericContext, int index) => null;

        public object? GetFunctionPointerType(MethodSignature<object?> signature) => null;
    }
}
