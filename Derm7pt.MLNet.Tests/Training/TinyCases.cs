using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Training;

/// <summary>Small images whose colors determine their labels, and options with which a network learns them quickly.</summary>
internal static class TinyCases
{
    private const int Kinds = 5;

    public static MLContext Ml { get; } = new(seed: 1);

    /// <param name="count">The number of cases.</param>
    /// <param name="seed">The seed of the pixels.</param>
    /// <param name="extent">The height of the images.</param>
    /// <param name="width">The width of the images; the height if null.</param>
    /// <param name="patient">Gives the column <c>Patient</c> for each row; null for none.</param>
    /// <param name="imageRead">Is called for every image that is read, by several threads concurrently; may be null.</param>
    public static IDataView View(
        int count = 40, int seed = 1, int extent = 32, int? width = null, Func<int, int>? patient = null, Action? imageRead = null)
    {
        int columns = width ?? extent;
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        var builder = new ColumnarDataView.Builder(count);
        foreach (ClassificationTask task in taxonomy.Tasks)
        {
            builder.AddKey(
                task.Name, [.. Enumerable.Range(0, count).Select(i => (uint)(1 + (i % Kinds % task.Labels.Count)))],
                [.. task.Labels.Select(label => label.Name)]);
        }

        if (patient is not null)
            builder.Add("Patient", NumberDataViewType.Int32, [.. Enumerable.Range(0, count).Select(patient)]);
        float[][] pixels = [.. Enumerable.Range(0, count).Select(i => Draw(i % Kinds, new Random((seed * 1000) + i), extent * columns))];
        return builder
            .Add("Image", new VectorDataViewType(NumberDataViewType.Single, 3, extent, columns), (int row, ref VBuffer<float> value) =>
            {
                imageRead?.Invoke();
                VBufferEditor<float> editor = VBufferEditor.Create(ref value, pixels[row].Length);
                pixels[row].CopyTo(editor.Values);
                value = editor.Commit();
            })
            .Build();
    }

    /// <summary>Gets options with random numbers in every epoch: augmentation, dropout and gates.</summary>
    public static Derm7ptMultiTaskEstimator.Options Options(int maximumEpochs = 6) => new()
    {
        Network = new NetworkOptions { FiltersPerBlock = [1, 2] },
        Training = new TrainingOptions
        {
            BatchSize = 20,
            BatchesPerEpoch = 2,
            LearningRate = 0.02,
            MaximumEpochs = maximumEpochs,
        },
        Data = new DataOptions { ValidationSet = View(count: 15, seed: 2) },
        Runtime = new RuntimeOptions { Device = ComputeDevice.Cpu },
    };

    public static Derm7ptMultiTaskTransformer Fit(Derm7ptMultiTaskEstimator.Options options, IDataView? data = null) =>
        Ml.Transforms.Derm7ptMultiTask(options).Fit(data ?? View());

    /// <summary>Asserts equality bit for bit.</summary>
    public static void AreSameWeights(Derm7ptMultiTaskTransformer expected, Derm7ptMultiTaskTransformer actual) =>
        Assert.IsEmpty(DifferentTensors(expected, actual));

    /// <summary>Gets the names of the tensors that differ in any bit.</summary>
    public static List<string> DifferentTensors(Derm7ptMultiTaskTransformer expected, Derm7ptMultiTaskTransformer actual)
    {
        Assert.HasCount(expected.Model.Members[0].State.Count, actual.Model.Members[0].State);
        return
        [
            .. expected.Model.Members[0].State.Zip(actual.Model.Members[0].State)
                .Where(pair => !pair.First.Values.Select(BitConverter.SingleToInt32Bits)
                    .SequenceEqual(pair.Second.Values.Select(BitConverter.SingleToInt32Bits)))
                .Select(pair => pair.First.Name),
        ];
    }

    /// <summary>Gets the measurements of the history, except durations.</summary>
    public static string Measured(TrainingHistory history) => System.Text.Json.JsonSerializer.Serialize(new TrainingHistory(
        [.. history.Epochs.Select(e => new EpochMetrics(e.Epoch, e.TrainingLoss, e.Validation, e.Sharing, TimeSpan.Zero))],
        history.BestEpoch));

    private static float[] Draw(int kind, Random random, int plane)
    {
        float[] colour = [kind / (Kinds - 1f), kind % 3 / 2f, kind % 2];
        return
        [
            .. colour.SelectMany(value => Enumerable.Range(0, plane)
                .Select(_ => Math.Clamp((0.2f * random.NextSingle()) + (0.8f * value), 0, 1))),
        ];
    }
}

/// <summary>Calls back on the thread of the training.</summary>
internal sealed class Listener(Action<TrainingProgress> action) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => action(value);
}

/// <summary>A folder that is deleted at the end of the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("derm7pt-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
