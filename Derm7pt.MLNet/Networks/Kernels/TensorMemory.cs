using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Gets the address of the values of a contiguous tensor on the processor, which is valid as long as the tensor is referenced.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>Determines whether a kernel can read and write the values of a tensor: on the processor, float32 and contiguous.</summary>
    public static bool HasValues(Tensor tensor) =>
        tensor.device.type == TorchSharp.DeviceType.CPU && tensor.dtype == float32 && tensor.is_contiguous();

    /// <param name="tensor">Of type float32.</param>
    public static float* Values(Tensor tensor) => (float*)Bytes(tensor);

    /// <param name="tensor">Of any type, not empty.</param>
    public static byte* Bytes(Tensor tensor)
    {
        // A span cannot hold more than 2 GB, a tensor can: so that of the first value.
        using Tensor flat = tensor.view(-1);
        using Tensor first = flat.narrow(0, 0, 1);
        return (byte*)Unsafe.AsPointer(ref first.bytes[0]);
    }
}
