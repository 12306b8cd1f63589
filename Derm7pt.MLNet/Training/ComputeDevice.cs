namespace Derm7pt.MLNet;

/// <summary>Specifies the device on which the network is trained.</summary>
public enum ComputeDevice
{
    /// <summary>CUDA where there is one, else Apple's Metal, else the processor.</summary>
    Auto,

    /// <summary>The processor. Training with a seed repeats bit for bit here.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU; the application needs TorchBackend <c>cuda-windows</c> or <c>cuda-linux</c>.</summary>
    Cuda,

    /// <summary>An Apple GPU through Metal Performance Shaders.</summary>
    Mps,
}
