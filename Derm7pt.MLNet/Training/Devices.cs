using static TorchSharp.torch;

namespace Derm7pt.MLNet.Training;

/// <summary>Turns <see cref="ComputeDevice"/> into a device of torch.</summary>
internal static class Devices
{
    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    public static Device Resolve(ComputeDevice device) => device switch
    {
        ComputeDevice.Cpu => CPU,
        ComputeDevice.Cuda when cuda_is_available() => CUDA,
        ComputeDevice.Cuda => throw new InvalidOperationException(
            "Device Cuda was asked for, but libtorch finds no CUDA device. The application needs the package TorchSharp-cuda-windows or " +
            "TorchSharp-cuda-linux in place of TorchSharp-cpu, and an NVIDIA driver."),
        ComputeDevice.Mps when mps_is_available() => MPS,
        ComputeDevice.Mps => throw new InvalidOperationException("Device Mps was asked for, but libtorch finds no Metal device."),
        _ => cuda_is_available() ? CUDA : mps_is_available() ? MPS : CPU,
    };
}
