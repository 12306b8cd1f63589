namespace Derm7pt.MLNet.Tests.Architecture;

#pragma warning disable CS0649 // The tests use only the types of the fields.

internal sealed class Target
{
    public static int Call() => 1;

    public static Nested? Create() => null;

    public interface INested;

    public class Nested;

    [AttributeUsage(AttributeTargets.All)]
    public sealed class NestedAttribute : Attribute;

    public sealed class NestedException : Exception;

    public enum Choice
    {
        First,
    }
}

internal enum WithoutCode
{
    None,
}

[AttributeUsage(AttributeTargets.All)]
internal sealed class AnyAttribute(Type? type = null) : Attribute
{
    public Type? Type { get; } = type;

    public Type[] Types { get; set; } = [];
}

internal class Box<T>
{
    public static T? Value { get; set; }

    public static void Call<TOther>()
    {
    }

    public static bool Take(T? value) => value is null;
}

internal sealed class InBase : Target.Nested;

internal sealed class InInterface : Target.INested;

internal sealed class InBaseArgument : Box<Target.Nested[]>;

internal sealed class InConstraint<T>
    where T : Target.INested;

internal sealed class InMethodConstraint
{
    public static void Call<T>()
        where T : Target.INested
    {
    }
}

internal sealed class InField
{
    public Target.Choice Value;
}

internal sealed class InFieldArgument
{
    public Dictionary<string, Box<Target.Nested>>? Value;
}

internal abstract class InProperty
{
    public abstract Target.Nested Value { get; }
}

internal abstract class InEvent
{
    public abstract event Action<Target.Nested> Happened;
}

internal abstract class InParameter
{
    public abstract void Call(ref Target.Nested value);
}

internal abstract class InResult
{
    public abstract Target.Nested?[] Call();
}

internal sealed class InTypeOf
{
    public static object Call() => typeof(Target.Nested);
}

internal sealed class InStaticCall
{
    public static int Call() => Target.Call();
}

internal sealed class InGenericCall
{
    public static void Call() => Box<int>.Call<Target.Nested>();
}

internal sealed class InMemberOfGeneric
{
    public static object? Call() => Box<Target.Nested>.Value;
}

internal sealed class InCast
{
    public static bool Call(object value) => value is Target.Nested;
}

internal sealed class InCatch
{
    public static int Call(Func<int> call)
    {
        try
        {
            return call();
        }
        catch (Target.NestedException)
        {
            return 0;
        }
    }
}

internal sealed class InLocal
{
    public static string Call()
    {
        Span<Target.Choice> values = stackalloc Target.Choice[1];
        return values[0].ToString();
    }
}

internal sealed class InLambda
{
    public static Func<int, int> Create(int added) => value => value + added + Target.Call();
}

internal sealed class InIterator
{
    public static IEnumerable<int> Create()
    {
        yield return 1;
        yield return Target.Call();
    }
}

internal sealed class InAsync
{
    public static async Task<int> CallAsync()
    {
        await Task.Yield();
        return Target.Call();
    }
}

internal sealed class InNested
{
    public sealed class Inner
    {
        public sealed class Innermost
        {
            public static int Call() => Target.Call();
        }
    }
}

internal sealed class InSwitch
{
    public static int Call(int value) => value switch
    {
        0 => 7,
        1 => 5,
        2 => 8,
        3 => Target.Call(),
        4 => 2,
        _ => 0,
    };
}

[Target.Nested]
internal sealed class InAttribute;

[Any(typeof(Dictionary<string, Target.Nested>))]
internal sealed class InAttributeArgument;

internal sealed class InAttributeArrayOfMember
{
    [Any(Types = [typeof(int), typeof(Target.Nested[])])]
    public static void Call()
    {
    }
}

internal sealed class InAttributeOfParameter
{
    public static void Call([Target.Nested] int value) => _ = value;
}

internal interface IInInterfaceMember
{
    Target.Nested? Value { get; }
}

internal sealed class InDelegate
{
    public delegate Target.Nested Call();
}

internal static class InPointer
{
    public static unsafe delegate*<int, Target.Nested> Call;
}
