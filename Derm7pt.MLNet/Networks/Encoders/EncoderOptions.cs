using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet;

/// <summary>
/// A feature extractor in an ONNX file, such as the convolutional part of a network that was trained on ImageNet. The tasks then read
/// its features in place of pixels.
/// </summary>
/// <remarks>
/// <para>
/// The extractor reads one image [N, 3, height, width] in single precision. Its operators may be Conv, BatchNormalization, Relu, Clip,
/// Sigmoid, Tanh, HardSigmoid, HardSwish, LeakyRelu, Elu, Add, Sub, Mul, Div, Concat, MaxPool, AveragePool, GlobalAveragePool,
/// GlobalMaxPool, ReduceMean over positions, Pad, Flatten, Gemm, Identity, Dropout and Constant. Others may follow after the place where
/// it is cut.
/// </para>
/// <para>
/// The weights of the file are where training starts. A trained model holds its own weights and does not need the file.
/// </para>
/// </remarks>
public sealed class EncoderOptions
{
    private const string ResNet18File = "DnnImageModels/ResNet18Onnx/ResNet18.onnx";
    private const string ResNet18Package = "Microsoft.ML.DnnImageFeaturizer.ResNet18";

    /// <summary>Creates options with their defaults.</summary>
    public EncoderOptions()
    {
    }

    /// <summary>Copies options, of which an initializer may then change some.</summary>
    /// <param name="other">The options to copy.</param>
    public EncoderOptions(EncoderOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        File = other.File;
        Sha256 = other.Sha256;
        Output = other.Output;
        Stage = other.Stage;
        TrainedStages = other.TrainedStages;
        Normalization = other.Normalization;
        Origin = other.Origin;
        License = other.License;
    }

    /// <summary>
    /// The ONNX file: a full path, or a path relative to the current directory or to the application's folder.
    /// </summary>
    public string File { get; init; } = "";

    /// <summary>The SHA-256 that the file must have, hexadecimal; <see langword="null"/> to accept any.</summary>
    public string? Sha256 { get; init; }

    /// <summary>
    /// The name of the value whose features are used; <see langword="null"/> to cut after <see cref="Stage"/>.
    /// </summary>
    public string? Output { get; init; }

    /// <summary>
    /// The stage after which the extractor is cut: stage s ends where one position stands for 2^(s + 1) pixels each way, so that stage 3
    /// gives 14×14 positions of an image of 224×224. <see langword="null"/> for the last one. Ignored where <see cref="Output"/> is given.
    /// </summary>
    public int? Stage { get; init; }

    /// <summary>
    /// How many of the last stages are trained with the tasks: 0 keeps the whole extractor as it is, <see langword="null"/> trains all of it.
    /// </summary>
    public int? TrainedStages { get; init; }

    /// <summary>How pixels become the extractor's input.</summary>
    public PixelNormalization Normalization { get; init; } = PixelNormalization.ImageNet;

    /// <summary>
    /// What the extractor is, who made it and what it was trained on, for the report, the model card and the saved model;
    /// <see langword="null"/> if unknown.
    /// </summary>
    public string? Origin { get; init; }

    /// <summary>
    /// The license of the file: an SPDX identifier such as <c>Apache-2.0</c>, or a sentence. Weights are part of every model that is
    /// trained from them, so the model card and the saved model state it too; <see langword="null"/> if unknown.
    /// </summary>
    public string? License { get; init; }

    /// <summary>
    /// The ResNet-18 (He et al., CVPR 2016), trained on ImageNet, that the package Microsoft.ML.DnnImageFeaturizer.ResNet18 puts into the
    /// application's folder.
    /// </summary>
    /// <param name="stage">The stage after which it is cut, from 0 to 4; stage 3 has 256 channels.</param>
    public static EncoderOptions ResNet18(int stage = 3) => new()
    {
        File = ResNet18File,
        Stage = stage,
        // The means of the three planes of the mean image that the package subtracts; with numbers in its place any size can be used.
        Normalization = new PixelNormalization { Order = ChannelOrder.Bgr, Scale = 255, Mean = [103.06, 115.90, 123.15] },
        Origin = $"ResNet-18 trained on ImageNet, from the NuGet package {ResNet18Package} by Microsoft",
        License = "MIT, Copyright (c) .NET Foundation and Contributors: the license of the package, which states none of its own for the weights",
    };

    /// <summary>Finds the file.</summary>
    /// <exception cref="FileNotFoundException">It is in none of the places; the message names the package to add, or the places.</exception>
    internal string FindFile()
    {
        string[] candidates = [Path.GetFullPath(File), Path.Combine(AppContext.BaseDirectory, File)];
        return candidates.FirstOrDefault(System.IO.File.Exists) ?? throw new FileNotFoundException(
            File == ResNet18File
                ? $"Could not find '{File}' in the application's folder. Add the package {ResNet18Package} to the application."
                : $"Could not find the encoder's file. Expected it at {string.Join(" or ", candidates.Distinct().Select(path => $"'{path}'"))}.",
            File);
    }

    /// <summary>The same options without a folder of this machine, and with the checksum of the file.</summary>
    internal EncoderOptions Portable(string sha256) => new(this)
    {
        File = Path.IsPathRooted(File) ? Path.GetFileName(File) : File,
        Sha256 = sha256,
    };

    internal IEnumerable<string> Problems() =>
    [
        .. string.IsNullOrWhiteSpace(File) ? [$"{nameof(File)} must name an ONNX file."] : Array.Empty<string>(),
        .. OptionCheck.Require(Sha256 is null or { Length: 64 } && Sha256?.All(char.IsAsciiHexDigit) != false, Sha256, "64 hexadecimal digits"),
        .. OptionCheck.Require(Stage is null or (>= 0 and <= 12), Stage, "from 0 to 12"),
        .. OptionCheck.Require(TrainedStages is null or >= 0, TrainedStages, "0 or more"),
        .. OptionCheck.Within(nameof(Normalization), Normalization?.Problems()),
    ];
}
