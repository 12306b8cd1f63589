using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Networks;
using Derm7pt.MLNet.Tests.Networks;
using Derm7pt.MLNet.Tests.Networks.Encoders;
using Derm7pt.MLNet.Training;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace Derm7pt.MLNet.Tests.Training;

/// <summary>A frozen encoder computes the features of every view once, and the training is the same as with features of every step.</summary>
[TestClass]
public sealed class FeatureCacheTests
{
    private const int Extent = 40, TrainingCases = 40, ValidationCases = 15, Copies = 2;
    private const long FeatureBytes = Copies * 3L * (Extent / 2) * (Extent / 2) * sizeof(float);

    private static readonly TemporaryFolder Folder = new();
    private static readonly string File = ExtractorFile.Everything().Save(Folder.Path);

    // Images are changed by an interpolation that leaves them as they are, so that every view of an image is the same.
    private static readonly AugmentationOptions Unchanged = new()
    {
        RotationDegrees = 0,
        ShiftFraction = 0,
        ZoomFraction = 0,
        ShearDegrees = 0,
        HorizontalFlip = false,
        VerticalFlip = false,
    };

    private static readonly Lazy<LabelledImages> Cases = new(
        () => LabelledImages.Read(TinyCases.View(20), "Image", Taxonomy.Derm7pt, DataRoles.Training, 1 << 20, null, CancellationToken.None));

    [ClassInitialize]
    public static void AddKind(TestContext context) => FixedStem.AddKind();

    [ClassCleanup]
    public static void Free() => Folder.Dispose();

    [TestMethod]
    [DataRow(3, true, (3 * TrainingCases) + ValidationCases)]
    [DataRow(1, true, TrainingCases + ValidationCases)]
    // Without augmentation there is one view, whatever the options say.
    [DataRow(3, false, TrainingCases + ValidationCases)]
    [DataRow(null, false, TrainingCases + ValidationCases)]
    // Four epochs of two mini-batches of 20 cases; each mini-batch draws new random changes.
    [DataRow(null, true, (4 * 2 * 20) + ValidationCases)]
    public void Fit_FrozenEncoder_RunsItOncePerView(int? views, bool isAugmented, int expected)
    {
        int before = FixedStem.Images;
        var reports = new List<TrainingProgress.FeaturesComputed>();

        Fit(Options(views, isAugmented ? new AugmentationOptions() : null, runtime: r => new RuntimeOptions(r)
        {
            Progress = new Listener(p =>
            {
                if (p is TrainingProgress.FeaturesComputed features)
                    reports.Add(features);
            }),
        })).Dispose();

        Assert.AreEqual(expected, FixedStem.Images - before);
        int kept = views is null && isAugmented ? ValidationCases : expected;
        Assert.IsTrue(reports.All(report => report.Total == kept));
        Assert.AreEqual(kept, reports[^1].Count);
        Assert.IsTrue(reports.Zip(reports.Skip(1)).All(pair => pair.First.Count < pair.Second.Count));
        Assert.AreEqual(kept * FeatureBytes, reports[^1].MemoryBytes);
        Assert.AreEqual(0, reports[^1].FileBytes);
    }

    [TestMethod]
    public void Fit_EncoderThatIsNotDeclaredFrozen_RunsInEveryStep()
    {
        int before = FixedStem.Images;

        Fit(Options(views: 3, Unchanged, isDeclared: false)).Dispose();

        Assert.AreEqual(4 * ((2 * 20) + ValidationCases), FixedStem.Images - before);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Fit_ViewsThatAreAllTheSame_GivesTheSameBitsAsFeaturesOfEveryStep(int views)
    {
        using Derm7ptMultiTaskTransformer expected = Fit(Options(views, Unchanged, isDeclared: false));
        using Derm7ptMultiTaskTransformer actual = Fit(Options(views, Unchanged));

        TinyCases.AreSameWeights(expected, actual);
        Assert.AreEqual(TinyCases.Measured(expected.History), TinyCases.Measured(actual.History));
        Assert.IsLessThan(actual.History.Epochs[0].TrainingLoss, actual.History.Epochs[^1].TrainingLoss);
    }

    // Steps that run torch's operators for the encoder use all threads for the other operators too, which changes their last bits.
    [TestMethod]
    [DoNotParallelize] // The number of threads is that of the process.
    [DataRow("features")]
    [DataRow("probabilities")] // has operators that torch does not compute
    public void Fit_FrozenExtractorOnOneThread_GivesTheSameBitsAsFeaturesOfEveryStep(string output)
    {
        int threads = get_num_threads();
        set_num_threads(1);
        try
        {
            using Derm7ptMultiTaskTransformer expected = FitExtractor(output, views: null);
            using Derm7ptMultiTaskTransformer actual = FitExtractor(output, views: 1);

            TinyCases.AreSameWeights(expected, actual);
            Assert.AreEqual(TinyCases.Measured(expected.History), TinyCases.Measured(actual.History));
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [TestMethod]
    [DoNotParallelize] // Another test's file has a name for a moment.
    [DataRow(0L, 0)]
    // Of memory in chunks of 32 MB the images of both sets get one each, the features of the training cases the third one.
    [DataRow(100L << 20, 2 * TrainingCases)]
    public void Fit_NoMemoryForAllFeatures_UsesTemporaryFilesAndGivesTheSameBits(long memory, int expectedInMemory)
    {
        TrainingProgress.FeaturesComputed? last = null;
        using Derm7ptMultiTaskTransformer expected = Fit(Options(views: 2, new AugmentationOptions()));

        using Derm7ptMultiTaskTransformer actual = Fit(Options(views: 2, new AugmentationOptions()).With(
            data: d => new DataOptions(d) { ImageCacheBytes = memory },
            runtime: r => new RuntimeOptions(r) { Progress = new Listener(p => last = p as TrainingProgress.FeaturesComputed ?? last) }));

        TinyCases.AreSameWeights(expected, actual);
        Assert.AreEqual(expectedInMemory * FeatureBytes, last!.MemoryBytes);
        Assert.AreEqual((last.Total - expectedInMemory) * FeatureBytes, last.FileBytes);
        Assert.IsEmpty(Files());
    }

    [TestMethod]
    public void Fit_InterruptedAndResumed_GivesTheUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        Derm7ptMultiTaskEstimator.Options options = Options(views: 3, new AugmentationOptions { MixupAlpha = 0.4 })
            .With(training: t => new TrainingOptions(t) { AverageDecay = 0.9, WeightDecay = 0.01 });
        using Derm7ptMultiTaskTransformer expected = Fit(options);
        Derm7ptMultiTaskEstimator.Options checkpointed = options.With(runtime: r => new RuntimeOptions(r) { CheckpointPath = folder.File("run.ckpt") });
        Cancel(checkpointed, p => p is TrainingProgress.BatchDone { Epoch: 3 });

        using Derm7ptMultiTaskTransformer resumed = Fit(checkpointed);

        TinyCases.AreSameWeights(expected, resumed);
        Assert.AreEqual(TinyCases.Measured(expected.History), TinyCases.Measured(resumed.History));
        // A run that is complete needs no features.
        int before = FixedStem.Images;
        Fit(checkpointed).Dispose();
        Assert.AreEqual(before, FixedStem.Images);
        // Another number of views is another run.
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => Fit(checkpointed.With(training: t => new TrainingOptions(t) { FeatureViews = 4 }))).Message,
            "Training.FeatureViews: 3 in the checkpoint, 4 in this run");
    }

    [TestMethod]
    [DoNotParallelize] // Another test's file has a name for a moment.
    [DataRow(1L << 30)]
    [DataRow(0L)]
    public void Fit_CancelledWhileFeaturesAreComputed_LeavesNoTensorAndNoFile(long memory)
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        int images = FixedStem.Images;

        // Of the training cases, and of the validation cases, which come after two views of 40 training cases.
        foreach (int count in (int[])[1, (2 * TrainingCases) + 1])
        {
            Cancel(
                Options(views: 2, new AugmentationOptions()).With(data: d => new DataOptions(d) { ImageCacheBytes = memory }),
                p => p is TrainingProgress.FeaturesComputed features && features.Count >= count);
        }

        Assert.IsLessThan(2 * ((2 * TrainingCases) + ValidationCases), FixedStem.Images - images);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.IsEmpty(Files());
    }

    [TestMethod]
    public void Fit_Done_LeavesNoTensor()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        FitExtractor("features", views: 2).Dispose();
        Fit(Options(views: 2, new AugmentationOptions { MixupAlpha = 0.4 })).Dispose();

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    // The encoder is linear: a mixture of features is the features of a mixture.
    [TestMethod]
    public void Fit_Mixup_MixesFeatures()
    {
        double Loss(bool isDeclared, double alpha)
        {
            using Derm7ptMultiTaskTransformer model = Fit(
                Options(views: 1, new AugmentationOptions(Unchanged) { MixupAlpha = alpha }, isDeclared)
                    .With(training: t => new TrainingOptions(t) { MaximumEpochs = 1, BatchesPerEpoch = 1 }));
            return model.History.Epochs[0].TrainingLoss;
        }

        Assert.AreEqual(Loss(isDeclared: false, 0.4), Loss(isDeclared: true, 0.4), 1e-4);
        Assert.AreNotEqual(Loss(isDeclared: true, 0), Loss(isDeclared: true, 0.4), 1e-3);
    }

    [TestMethod]
    public void Fit_LogContext_NamesBytesAndPlace()
    {
        var ml = new MLContext(1);
        var messages = new List<string>();
        ml.Log += (_, e) => messages.Add(e.RawMessage);

        Fit(Options(views: 2, new AugmentationOptions(), runtime: r => new RuntimeOptions(r) { LogTo = ml })).Dispose();

        Assert.Contains("Features of 95 images are cached: 0.9 MB in memory, 0.0 MB in temporary files", messages);
    }

    [TestMethod]
    public void Read_AnyMiniBatch_TakesOneOfTheViewsOfEachCase()
    {
        const int Views = 4;
        using DisposeScope scope = NewDisposeScope();
        NetworkSpec spec = TestNetworks.Spec(GateMode.Learned) with { Encoder = new FixedStem(2, IsDeclared: true) };
        using var network = new TorchNetwork(spec, seed: 3);
        var images = new PixelBatches(network, Cases.Value, new AugmentationOptions(), seed: 5);
        using FeatureCache cache = FeatureCache.Compute(network, images, Cases.Value.Count, Views, seed: 5, 1L << 30, _ => { }, CancellationToken.None);
        int[] all = [.. Enumerable.Range(0, Cases.Value.Count)];
        // Sixteen images are computed at once, so that the last four of a view are a mini-batch of their own.
        Tensor[] views =
        [
            .. Enumerable.Range(0, Views).Select(view => cat([network.Encode(images.Read(all[..16], view, 0)), network.Encode(images.Read(all[16..], view, 1))])),
        ];
        var taken = new HashSet<(int Case, int View)>();

        for (int batch = 0; batch < 40; batch++)
        {
            int[] cases = [7, 0, 19, 7];
            Tensor features = cache.Read(cases, epoch: batch / 5, batch % 5);
            Assert.IsTrue(features.equal(cache.Read(cases, epoch: batch / 5, batch % 5)).all().ToBoolean(), "it is a function of the position");
            for (int i = 0; i < cases.Length; i++)
            {
                int view = Array.FindIndex(views, candidate => candidate[cases[i]].equal(features[i]).all().ToBoolean());
                Assert.IsGreaterThanOrEqualTo(0, view);
                taken.Add((cases[i], view));
            }
        }

        Assert.HasCount(3 * Views, taken);
    }

    private static string[] Files() => Directory.GetFiles(Path.GetTempPath(), "derm7pt-features-*");

    private static Derm7ptMultiTaskTransformer Fit(Derm7ptMultiTaskEstimator.Options options) => TinyCases.Fit(options, TinyCases.View(TrainingCases, extent: Extent));

    private static void Cancel(Derm7ptMultiTaskEstimator.Options options, Func<TrainingProgress, bool> when)
    {
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => Fit(options.With(runtime: r => new RuntimeOptions(r)
        {
            Cancellation = cancellation.Token,
            Progress = new Listener(p =>
            {
                if (when(p))
                    cancellation.Cancel();
            }),
        })));
    }

    private static Derm7ptMultiTaskTransformer FitExtractor(string output, int? views) => Fit(Options(views, Unchanged).With(
        network: n => new NetworkOptions(n)
        {
            CustomEncoder = null,
            Encoder = new EncoderOptions { File = File, Output = output, TrainedStages = 0 },
            FiltersPerBlock = [4],
            InputSize = Extent,
        }));

    private static Derm7ptMultiTaskEstimator.Options Options(
        int? views, AugmentationOptions? augmentation, bool isDeclared = true, Func<RuntimeOptions, RuntimeOptions>? runtime = null) =>
        TinyCases.Options(maximumEpochs: 4).With(
            network: n => new NetworkOptions(n) { CustomEncoder = new FixedStem(Copies, isDeclared) },
            training: t => new TrainingOptions(t) { FeatureViews = views, Augmentation = augmentation },
            data: d => new DataOptions(d) { ValidationSet = TinyCases.View(ValidationCases, seed: 2, Extent) },
            runtime: runtime);
}
