using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Derm7pt.MLNet.Base;

/// <summary>Describes the properties of a processor that determine the last digits of a computation in single precision.</summary>
internal static class ProcessorKind
{
    /// <summary>The kind of the current processor, such as <c>X64 AuthenticAMD, AVX-512</c>.</summary>
    /// <remarks>
    /// The kind includes the vendor, because libtorch selects the code of matrix products by vendor, and the width of the widest
    /// vectors, which determines how sums are divided. It does not include the model and the number of cores.
    /// </remarks>
    public static string Current { get; } = Describe();

    private static string Describe()
    {
        string maker = X86Base.IsSupported ? $" {Maker()}" : "";
        string vectors = Avx512F.IsSupported ? "AVX-512"
            : Avx2.IsSupported && Fma.IsSupported ? "AVX2"
            : X86Base.IsSupported ? "SSE"
            : AdvSimd.IsSupported ? "AdvSimd"
            : "no vectors";
        return $"{RuntimeInformation.ProcessArchitecture}{maker}, {vectors}";
    }

    // CPUID returns the twelve letters of the vendor in three registers, in this order.
    private static string Maker()
    {
        (_, int first, int last, int middle) = X86Base.CpuId(0, 0);
        Span<byte> letters = stackalloc byte[3 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(letters, first);
        BinaryPrimitives.WriteInt32LittleEndian(letters[sizeof(int)..], middle);
        BinaryPrimitives.WriteInt32LittleEndian(letters[(2 * sizeof(int))..], last);
        return Encoding.ASCII.GetString(letters).TrimEnd('\0', ' ');
    }
}
