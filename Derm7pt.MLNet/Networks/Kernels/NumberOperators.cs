#pragma warning disable RS0030 // This is the one place where numbers of torch are created and passed on.

using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Operators of torch that take a number, safe while other threads collect garbage.</summary>
/// <remarks>
/// <para>
/// TorchSharp passes a number to torch as a <see cref="Scalar"/>, whose finalizer frees the native number. Its own overloads for
/// numbers create a temporary one, and so does <c>x + y</c> of two tensors, which has a hidden factor of 1. They pass on only its
/// address, and nothing references the object during the call. A collection that another thread starts can then free the number
/// while torch reads it: the operator throws an exception, or computes with a wrong number.
/// </para>
/// <para>
/// Here every number is referenced until the call has returned. The library uses these operators only; BannedSymbols.txt makes an
/// error of the others.
/// </para>
/// </remarks>
internal static class NumberOperators
{
    private static readonly Scalar One = 1;

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, double y)
    {
        using Scalar number = y;
        return x.add(number, One);
    }

    /// <summary>x + y · z.</summary>
    public static Tensor PlusProduct(this Tensor x, Tensor y, Tensor z) => x.addcmul(y, z, One);

    /// <summary>1 − x.</summary>
    public static Tensor OneMinus(this Tensor x) => x.negative().Plus(1);

    /// <summary>x · y.</summary>
    public static Tensor Times(this Tensor x, double y)
    {
        using Scalar number = y;
        return x.mul(number);
    }

    /// <summary>x / y.</summary>
    public static Tensor DividedBy(this Tensor x, double y)
    {
        using Scalar number = y;
        return x.div(number);
    }

    /// <summary>x^y.</summary>
    public static Tensor Power(this Tensor x, double y)
    {
        using Scalar number = y;
        return x.pow(number);
    }

    /// <summary>min(max(x, minimum), maximum).</summary>
    public static Tensor Limit(this Tensor x, double minimum, double maximum)
    {
        using Scalar least = minimum, largest = maximum;
        return x.clamp(least, largest);
    }

    /// <summary>x ≥ y.</summary>
    public static Tensor IsAtLeast(this Tensor x, double y)
    {
        using Scalar number = y;
        return x.ge(number);
    }

    /// <summary>x, or slope · x where x is negative.</summary>
    public static Tensor LeakyRelu(this Tensor x, double slope)
    {
        using Scalar number = slope;
        return x.leaky_relu(number);
    }

    /// <summary>x, or α · (exp(x) − 1) where x is negative.</summary>
    public static Tensor Elu(this Tensor x, double alpha)
    {
        using Scalar number = alpha;
        return x.elu(number, One, One);
    }

    /// <summary>Adds factor · y to x in place.</summary>
    public static void Add(Tensor x, Tensor y, double factor)
    {
        using Scalar number = factor;
        x.add_(y, number);
    }

    /// <summary>Multiplies x by a number in place.</summary>
    public static void Multiply(Tensor x, double factor)
    {
        using Scalar number = factor;
        x.mul_(number);
    }

    /// <summary>Gets the value of a tensor that has only one.</summary>
    public static double Value(this Tensor x)
    {
        using Scalar number = x.ToScalar();
        return number.ToDouble();
    }
}
