using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Network;

/// <summary>Where the values of a contiguous tensor on the processor lie; valid as long as the tensor.</summary>
internal static unsafe class TensorMemory
{
    /// <param name="tensor">Of type float32.</param>
    public static float* Values(Tensor tensor) => (float*)Bytes(tensor);

    /// <param name="tensor">Of any type, not empty.</param>
    public static byte* Bytes(Tensor tensor) => (byte*)Unsafe.AsPointer(ref tensor.bytes[0]);
}
