using Derm7pt.MLNet.Base;

namespace Derm7pt.MLNet;

/// <summary>
/// Represents the options of a feature extractor in an ONNX file, such as the convolutional part of a network that was trained on
/// ImageNet. The tasks read its features instead of pixels.
/// </summary>
/// <remarks>
/// <para>
/// The extractor reads one image [N, 3, height, width] in single precision. Its operators may be Conv, BatchNormalization, Relu, Clip,
/// Sigmoid, Tanh, HardSigmoid, HardSwish, LeakyRelu, Elu, Add, Sub, Mul, Div, Concat, MaxPool, AveragePool, GlobalAveragePool,
/// GlobalMaxPool, ReduceMean over positions, Pad, Flatten, Gemm, Identity, Dropout and Constant. The file may contain other operators
/// after the value at which it is cut.
/// </para>
/// <para>
/// Training starts from the weights of the file. A trained model contains its own weights and does not need the file.
/// </para>
/// </remarks>
public sealed class EncoderOptions
{
    private const string ResNet18File = "DnnImageModels/ResNet18Onnx/ResNet18.onnx";
    private const string ResNet18Package = "Microsoft.ML.DnnImageFeaturizer.ResNet18";

    /// <summary>Creates options with default values.</summary>
    public EncoderOptions()
    {
    }

    /// <summary>Creates a copy of options, which an initializer may then change.</summary>
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
    }

    /// <summary>
    /// The ONNX file: a full path, or a path relative to the current directory or to the application's folder.
    /// </summary>
    public string File { get; init; } = "";

    /// <summary>The expected SHA-256 checksum of the file, hexadecimal; <see langword="null"/> to accept any file.</summary>
    public string? Sha256 { get; init; }

    /// <summary>
    /// The name of the value whose features are used; <see langword="null"/> to cut after <see cref="Stage"/>.
    /// </summary>
    public string? Output { get; init; }

    /// <summary>
    /// The stage after which the extractor is cut. At the end of stage s, one position represents 2^(s + 1) pixels along each axis, so that
    /// stage 3 has 14×14 positions for an image of 224×224. <see langword="null"/> for the last stage. Ignored if <see cref="Output"/> is set.
    /// </summary>
    public int? Stage { get; init; }

    /// <summary>
    /// The number of last stages that are trained with the tasks: 0 trains no stage, <see langword="null"/> trains all stages.
    /// </summary>
    public int? TrainedStages { get; init; }

    /// <summary>The normalization of pixels for the extractor.</summary>
    public PixelNormalization Normalization { get; init; } = PixelNormalization.ImageNet;

    /// <summary>
    /// The author and the license of the file, for the report and the model card; <see langword="null"/> if unknown.
    /// </summary>
    public string? Origin { get; init; }

    /// <summary>
    /// Creates options for the ResNet-18 (He et al., CVPR 2016), trained on ImageNet, that the package
    /// Microsoft.ML.DnnImageFeaturizer.ResNet18 copies to the application's folder.
    /// </summary>
    /// <param name="stage">The stage after which the network is cut, from 0 to 4; stage 3 has 256 channels.</param>
    public static EncoderOptions ResNet18(int stage = 3) => new()
    {
        File = ResNet18File,
        Stage = stage,
        // The package subtracts a mean image. The means of its three planes are used instead, so that images can have any size.
        Normalization = new PixelNormalization { Order = ChannelOrder.Bgr, Scale = 255, Mean = [103.06, 115.90, 123.15] },
        Origin = $"ResNet-18 trained on ImageNet, package {ResNet18Package} (MIT license)",
    };

    /// <summary>Finds the file.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist; the message names the package to add, or the paths that were searched.</exception>
    internal string FindFile()
    {
        string[] candidates = [Path.GetFullPath(File), Path.Combine(AppContext.BaseDirectory, File)];
        return candidates.FirstOrDefault(System.IO.File.Exists) ?? throw new FileNotFoundException(
            File == ResNet18File
                ? $"Could not find '{File}' in the application's folder. Add the package {ResNet18Package} to the application."
                : $"Could not find the encoder's file. Expected it at {string.Join(" or ", candidates.Distinct().Select(path => $"'{path}'"))}.",
            File);
    }

    /// <summary>Creates the same options without a local folder and with the checksum of the file.</summary>
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
