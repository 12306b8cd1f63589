using System.Globalization;
using System.Text;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks.Encoders;
using Derm7pt.MLNet.Tests.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Derm7pt.MLNet.IntegrationTests.Interop;

/// <summary>Compares all ways to score with one network, and with an ensemble that averages over views of the images.</summary>
[TestClass]
[TestCategory("Interop")]
public sealed class RoundTripTests
{
    private const string Pixels = "pixels", SmallExtractor = "a small extractor", ResNet18 = "ResNet-18 through its second stage";

    // An extractor costs more per image.
    private static int CountOf(string network) => network == Pixels ? 100 : 20;

    private const int ImageSize = SyntheticImages.Size;
    private const double Tolerance = 1e-4;
    private const string Live = "live";

    public required TestContext TestContext { get; init; }

    [TestMethod]
    [DataRow(Pixels, 1)]
    [DataRow(Pixels, 2)]
    [DataRow(SmallExtractor, 1)]
    [DataRow(SmallExtractor, 2)]
    [DataRow(ResNet18, 1)]
    public async Task Score_EveryRoute_AgreesWithTheLiveTransformer(string network, int members)
    {
        int count = CountOf(network);
        await Node.InstallAsync(TestContext.CancellationToken);
        RandomModel[] models = [.. Enumerable.Range(5, members).Select(seed => Create(network, seed))];
        Taxonomy taxonomy = models[0].Taxonomy;
        var images = new SyntheticImages(count, seed: 6);
        float[] pixels = images.Pixels();
        var ml = new MLContext();
        IDataView view = images.View(ml);
        using Derm7ptMultiTaskTransformer live = ml.Model.CombineDerm7pt(
            models.Select(model => model.CreateTransformer(view.Schema)), testTimeAugmentation: members > 1);
        string folder = Directory.CreateTempSubdirectory("derm7pt-round-trip-").FullName;
        try
        {
            string onnx = Path.Combine(folder, "model.onnx"), zip = Path.Combine(folder, "model.zip");
            live.SaveAsOnnx(onnx);
            ml.Model.Save(live, view.Schema, zip);
            ITransformer loaded = new MLContext().Model.Load(zip, out _);
            using Derm7ptMultiTaskTransformer fromZip = ml.Model.LoadDerm7ptMultiTask(zip), fromOnnx = ml.Model.LoadDerm7ptMultiTask(onnx);

            // To test another way to score, add a line here. All are compared with the first one.
            (string Name, Dictionary<string, float[]> Values)[] routes =
            [
                (Live, Columns(live.Transform(view), taxonomy)),
                ("TorchSharp, not folded", Torch(models, pixels, count)),
                ("model.zip", Columns(loaded.Transform(view), taxonomy)),
                ("model.onnx, ONNX Runtime in .NET", OnnxRuntime(onnx, pixels, count)),
                ("model.zip, restored for training", Columns(fromZip.Transform(view), taxonomy)),
                ("model.onnx, restored for training", Columns(fromOnnx.Transform(view), taxonomy)),
                ("model.onnx, onnxruntime-node", ZeroBasedToOneBased(
                    await Node.ScoreAsync(onnx, pixels, count, ImageSize, TestContext.CancellationToken), taxonomy)),
            ];
            (loaded as IDisposable)?.Dispose();

            TestContext.DisplayMessage(MessageLevel.Informational, Table(network, members, count, routes));
            AssertAgreement(routes, taxonomy);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            Array.ForEach(models, model => model.Dispose());
        }
    }

    private static RandomModel Create(string network, int seed)
    {
        if (network == Pixels)
            return new RandomModel(ImageSize, seed);
        // Every step between image and extractor takes part: border, square, size and normalization.
        var input = new Derm7pt.MLNet.Networks.ImageInput(Border: 6, Extent: 96, ImageRegion.CentralSquare);
        if (network == ResNet18)
            return new RandomModel(ImageSize, seed, EncoderFile.Load(EncoderOptions.ResNet18(stage: 2)), input);
        string folder = Directory.CreateTempSubdirectory("derm7pt-extractor-").FullName;
        try
        {
            string file = ExtractorFile.Everything().Save(folder);
            return new RandomModel(ImageSize, seed, EncoderFile.Load(new EncoderOptions { File = file, Stage = 1 }), input);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertAgreement((string Name, Dictionary<string, float[]> Values)[] routes, Taxonomy taxonomy)
    {
        Dictionary<string, float[]> expected = routes[0].Values;
        foreach (ClassificationTask task in taxonomy.Tasks)
        {
            // Otherwise agreement would be meaningless.
            float[] first = [.. expected[$"{task.Name}Score"].Where((_, i) => i % task.Labels.Count == 0)];
            Assert.IsGreaterThan(100 * Tolerance, first.Max() - first.Min(), $"{task.Name}: the images get nearly the same score.");
        }

        foreach ((string name, Dictionary<string, float[]> values) in routes)
        {
            foreach ((string column, float[] actual) in values)
            {
                Assert.HasCount(expected[column].Length, actual, $"{name}: {column}");
                Assert.IsLessThanOrEqualTo(Tolerance, Difference(expected[column], actual), $"{name}: {column}");
            }
        }

        foreach ((string name, Dictionary<string, float[]> values) in routes.Where(route => route.Name.StartsWith("model", StringComparison.Ordinal)))
            CollectionAssert.IsSubsetOf(expected.Keys, values.Keys, $"{name} lacks outputs");
    }

    private static string Table(string network, int members, int count, (string Name, Dictionary<string, float[]> Values)[] routes)
    {
        Dictionary<string, float[]> expected = routes[0].Values;
        var table = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"Greatest difference from the {Live} transformer over {count} images of {ImageSize}×{ImageSize}; members: {members}; the network reads {network}:")
            .AppendLine()
            .AppendLine("| Route | Scores | MelanomaProbability | GateAlphas | SevenPointScore | Predicted labels that differ |")
            .AppendLine("|---|---|---|---|---|---|");
        foreach ((string name, Dictionary<string, float[]> values) in routes[1..])
        {
            string scores = Cell(column => column.EndsWith("Score", StringComparison.Ordinal) && column != "SevenPointScore");
            string melanoma = Cell(column => column == "MelanomaProbability"), gates = Cell(column => column == "GateAlphas");
            string points = Cell(column => column == "SevenPointScore");
            string[] labels = [.. values.Keys.Where(column => column.EndsWith("PredictedLabel", StringComparison.Ordinal))];
            string flipped = labels.Length == 0
                ? "–"
                : $"{labels.Sum(column => values[column].Zip(expected[column]).Count(pair => pair.First != pair.Second))} of {labels.Sum(column => values[column].Length)}";
            table.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {scores} | {melanoma} | {gates} | {points} | {flipped} |");

            string Cell(Func<string, bool> isOfCell)
            {
                double[] differences = [.. values.Keys.Where(isOfCell).Select(column => Difference(expected[column], values[column]))];
                return differences.Length == 0 ? "–" : differences.Max().ToString("0.0E+0", CultureInfo.InvariantCulture);
            }
        }

        return table.ToString();
    }

    private static double Difference(float[] expected, float[] actual) =>
        expected.Zip(actual).Max(pair => Math.Abs((double)pair.First - pair.Second));

    /// <summary>Gets the values of the stage's columns, flattened.</summary>
    private static Dictionary<string, float[]> Columns(IDataView scored, Taxonomy taxonomy)
    {
        var values = new Dictionary<string, float[]>();
        foreach (string task in taxonomy.Tasks.Select(task => task.Name))
        {
            values[$"{task}Score"] = [.. scored.GetColumn<float[]>($"{task}Score").SelectMany(row => row)];
            values[$"{task}PredictedLabel"] = [.. scored.GetColumn<uint>($"{task}PredictedLabel").Select(key => (float)key)];
        }

        values["GateAlphas"] = [.. scored.GetColumn<float[]>("GateAlphas").SelectMany(row => row)];
        foreach (string number in new[] { "SevenPointScore", "MelanomaProbability" })
            values[number] = [.. scored.GetColumn<float>(number)];
        return values;
    }

    /// <summary>Computes the probabilities of one model, or the means of several models over the images, their mirror images and transposes.</summary>
    private static Dictionary<string, float[]> Torch(RandomModel[] models, float[] pixels, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        Tensor images = models[0].Network.Prepare(tensor(pixels, [count, 3, ImageSize, ImageSize]));
        Tensor[] views = models.Length == 1 ? [images] : [images, images.flip(3), images.flip(2), images.transpose(2, 3).contiguous()];
        IReadOnlyList<Tensor>[] logits = [.. models.SelectMany(model => views.Select(view => model.Network.Forward(view).Logits))];
        return Enumerable.Range(0, logits[0].Count).ToDictionary(
            task => $"{models[0].Taxonomy.Tasks[task].Name}Score",
            task => stack(logits.Select(network => network[task].softmax(1)).ToArray()).mean([0]).data<float>().ToArray());
    }

    private static Dictionary<string, float[]> OnnxRuntime(string model, float[] pixels, int count)
    {
        using var session = new InferenceSession(model);
        var input = new DenseTensor<float>(pixels, [count, 3, ImageSize, ImageSize]);
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("Pixels", input)]);
        return ZeroBasedToOneBased(
            outputs.ToDictionary(
                output => output.Name,
                output => output.Value switch
                {
                    DenseTensor<float> values => values.Buffer.ToArray(),
                    DenseTensor<long> values => [.. values.Buffer.ToArray().Select(value => (float)value)],
                    object other => throw new NotSupportedException($"{output.Name}: {other.GetType()}"),
                }),
            Taxonomy.Derm7pt);
    }

    // ML.NET's keys are 1-based; ONNX's classes are 0-based.
    private static Dictionary<string, float[]> ZeroBasedToOneBased(Dictionary<string, float[]> values, Taxonomy taxonomy)
    {
        foreach (string column in taxonomy.Tasks.Select(task => $"{task.Name}PredictedLabel"))
            values[column] = [.. values[column].Select(label => label + 1)];
        return values;
    }
}
