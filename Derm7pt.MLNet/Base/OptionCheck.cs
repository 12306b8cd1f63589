using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Derm7pt.MLNet.Base;

/// <summary>
/// Provides the checks that all option records share. Each check returns nothing, or one sentence that begins with the name of the
/// property and ends with its value, formatted with the invariant culture.
/// </summary>
internal static class OptionCheck
{
    public static IEnumerable<string> Positive<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : INumber<T> => Require(value > T.Zero && T.IsFinite(value), value, T.IsPositiveInfinity(value) ? "positive and finite" : "positive", name);

    public static IEnumerable<string> NotNegative<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : INumber<T> => Require(value >= T.Zero && T.IsFinite(value), value, T.IsPositiveInfinity(value) ? "0 or more and finite" : "0 or more", name);

    /// <summary>Checks that a share is at least 0 and less than 1.</summary>
    public static IEnumerable<string> Share(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        Require(value is >= 0 and < 1, value, "in [0, 1)", name);

    public static IEnumerable<string> Defined<TEnum>(TEnum value, [CallerArgumentExpression(nameof(value))] string name = "")
        where TEnum : struct, Enum
    {
        string[] names = Enum.GetNames<TEnum>();
        return Require(Enum.IsDefined(value), value, $"{string.Join(", ", names[..^1])} or {names[^1]}", name);
    }

    /// <param name="condition">Whether the value is in range.</param>
    /// <param name="value">The value.</param>
    /// <param name="range">The text of the range, which follows "must be".</param>
    /// <param name="name">The name of the property.</param>
    public static IEnumerable<string> Require<T>(
        bool condition, T value, string range, [CallerArgumentExpression(nameof(value))] string name = "") =>
        condition ? [] : [string.Create(CultureInfo.InvariantCulture, $"{name} must be {range}, got {value}.")];

    /// <summary>Returns the problems of a nested record, each with the path of its property.</summary>
    /// <param name="name">The property that holds the record.</param>
    /// <param name="problems">The problems of the record; <see langword="null"/> if there is no record.</param>
    public static IEnumerable<string> Within(string name, IEnumerable<string>? problems) =>
        problems?.Select(problem => $"{name}.{problem}") ?? [$"{name} must not be null."];

    /// <exception cref="ArgumentException">There are problems; the message lists all of them.</exception>
    public static void ThrowIfAny(IEnumerable<string> problems)
    {
        string[] all = [.. problems];
        if (all.Length > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, all));
    }
}
