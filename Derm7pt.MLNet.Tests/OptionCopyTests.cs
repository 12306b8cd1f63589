using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks.Extending;
using Microsoft.ML;

namespace Derm7pt.MLNet.Tests;

[TestClass]
public sealed class OptionCopyTests
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Gets every property of options that can be copied, by reflection, so that none is omitted.</summary>
    public static IEnumerable<object[]> Properties() =>
        from type in typeof(Taxonomy).Assembly.GetExportedTypes()
        where type.GetConstructor(Members, [type]) is not null
        from property in type.GetProperties(Members)
        where property.CanWrite
        select new object[] { type, property.Name };

    [TestMethod]
    [DynamicData(nameof(Properties))]
    public void Constructor_OptionsWithAnyPropertyChanged_CopiesIt(Type type, string name)
    {
        PropertyInfo property = type.GetProperty(name, Members)!;
        object options = Activator.CreateInstance(type)!;
        object? before = property.GetValue(options);
        property.SetValue(options, Other(before, property.PropertyType));

        object copy = type.GetConstructor(Members, [type])!.Invoke([options]);

        Assert.AreNotEqual(before, property.GetValue(copy));
        // A list is copied; any other value is the same object.
        if (property.GetValue(options) is ICollection list)
            CollectionAssert.AreEqual(list, (ICollection)property.GetValue(copy)!);
        else
            Assert.AreEqual(property.GetValue(options), property.GetValue(copy));
    }

    [TestMethod]
    public void Constructor_NoOptions_Throws() =>
        Assert.ThrowsExactly<ArgumentNullException>(() => new Derm7ptMultiTaskEstimator.Options(null!));

    private static object Other(object? value, Type type) => value switch
    {
        bool flag => !flag,
        int number => number + 1,
        long number => number + 1,
        double number => number + 0.5,
        Enum choice => Enum.GetValues(type).Cast<Enum>().First(other => !other.Equals(choice)),
        string text => text + "2",
        IReadOnlyList<int> => new[] { 3, 5 },
        IReadOnlyList<double> => new[] { 0.5, 0.25, 0.75 },
        CancellationToken => new CancellationTokenSource().Token,
        Taxonomy => Taxonomy.BinaryDiagnosis,
        not null => Activator.CreateInstance(type)!,
        null when type == typeof(string) => "text",
        null when type == typeof(Taxonomy) => Taxonomy.BinaryDiagnosis,
        null when type == typeof(IDataView) => new MLContext().Data.LoadFromEnumerable(Array.Empty<TestCase>()),
        null when type == typeof(IProgress<TrainingProgress>) => new Progress<TrainingProgress>(),
        null when type == typeof(MLContext) => new MLContext(),
        null when type == typeof(Encoder) => new StemEncoder(2),
        null when type == typeof(SharingScheme) => new CrossStitch(Own: 0.5),
        null => RuntimeHelpers.GetUninitializedObject(type),
    };

    private sealed record TestCase(int Number);
}
