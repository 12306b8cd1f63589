using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Inputs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Derm7pt.MLNet.Tests.Evaluation;

/// <summary>Cases with labels and with predictions that were not computed by a network, in the form of a scoring stage's output.</summary>
internal sealed class ScoredData(Taxonomy taxonomy, int[][] truth, float[][][] probabilities)
{
    public Taxonomy Taxonomy => taxonomy;

    /// <summary>For each task, for each case, the zero-based label or −1.</summary>
    public int[][] Truth => truth;

    /// <summary>For each task, for each case, the probabilities of the labels.</summary>
    public float[][][] Probabilities => probabilities;

    public float[]? StoredScores { get; init; }

    public int Count => truth[0].Length;

    public int[][] Predicted => field ??= [.. probabilities.Select(task => task.Select(p => Array.IndexOf(p, p.Max())).ToArray())];

    public float[] SevenPointScores => field ??=
        [.. Enumerable.Range(0, Count).Select(i => (float)taxonomy.SevenPointScore([.. Predicted.Select(task => task[i])]))];

    public bool[] IsMelanoma => field ??=
        [.. truth[taxonomy.DiagnosisIndex].Select(label => label >= 0 && taxonomy.Diagnosis!.Labels[label].IsMelanoma)];

    public float[] MelanomaProbabilities => field ??=
        [.. probabilities[taxonomy.DiagnosisIndex].Select(p => p.Where((_, label) => taxonomy.Diagnosis!.Labels[label].IsMelanoma).Sum())];

    /// <summary>Creates imbalanced labels, and predictions that are correlated with them.</summary>
    /// <param name="taxonomy">The tasks.</param>
    /// <param name="count">The number of cases.</param>
    /// <param name="seed">The seed of all random numbers.</param>
    /// <param name="missing">The share of missing labels.</param>
    /// <param name="lean">The weight of the true label in the predictions.</param>
    /// <param name="steps">If positive, logits are rounded to this many steps, so that there are ties.</param>
    public static ScoredData Random(Taxonomy taxonomy, int count, int seed, double missing = 0, double lean = 1, int steps = 0)
    {
        var random = new Random(seed);
        var truth = new int[taxonomy.Tasks.Count][];
        var probabilities = new float[taxonomy.Tasks.Count][][];
        for (int task = 0; task < truth.Length; task++)
        {
            int labels = taxonomy.Tasks[task].Labels.Count;
            truth[task] = new int[count];
            probabilities[task] = new float[count][];
            for (int i = 0; i < count; i++)
            {
                // Squared: label 0 is the most frequent one.
                int label = (int)(labels * random.NextDouble() * random.NextDouble());
                double[] logits = [.. Enumerable.Range(0, labels).Select(k => (2 * random.NextDouble()) + (k == label ? lean : 0))];
                if (steps > 0)
                    logits = Array.ConvertAll(logits, z => Math.Round(z * steps) / steps);
                probabilities[task][i] = Softmax(logits);
                truth[task][i] = random.NextDouble() < missing ? -1 : label;
            }
        }

        var stored = new float[count];
        for (int i = 0; i < count; i++)
            stored[i] = random.Next(11);
        return new ScoredData(taxonomy, truth, probabilities) { StoredScores = stored };
    }

    public static float[] Softmax(double[] logits)
    {
        double sum = logits.Sum(Math.Exp);
        return [.. logits.Select(z => (float)(Math.Exp(z) / sum))];
    }

    /// <summary>Selects some of the cases.</summary>
    public ScoredData Subset(IReadOnlyList<int> cases) => new(
        taxonomy,
        [.. truth.Select(task => cases.Select(i => task[i]).ToArray())],
        [.. probabilities.Select(task => cases.Select(i => task[i]).ToArray())])
    {
        StoredScores = StoredScores is null ? null : [.. cases.Select(i => StoredScores[i])],
    };

    public MultiTaskEvaluation Evaluate(int resamples = 0, int bins = 15) => new MLContext().MulticlassClassification.EvaluateDerm7pt(
        View(), new MultiTaskEvaluation.Options { Taxonomy = taxonomy, BootstrapResamples = resamples, CalibrationBins = bins });

    /// <summary>Creates a data view; one column may be omitted.</summary>
    public IDataView View(params string[] without)
    {
        var view = new ColumnarDataView.Builder(Count);
        for (int task = 0; task < truth.Length; task++)
        {
            ClassificationTask own = taxonomy.Tasks[task];
            string[] names = [.. own.Labels.Select(label => label.Name)];
            float[][] scores = probabilities[task];
            if (!without.Contains(own.Name))
                view.AddKey(own.Name, [.. truth[task].Select(label => (uint)(label + 1))], names);
            if (!without.Contains(ColumnNames.PredictedLabel(own)))
                view.AddKey(ColumnNames.PredictedLabel(own), [.. Predicted[task].Select(label => (uint)(label + 1))], names);
            if (!without.Contains(ColumnNames.Score(own)))
            {
                view.Add(
                    ColumnNames.Score(own),
                    new VectorDataViewType(NumberDataViewType.Single, names.Length),
                    (int row, ref VBuffer<float> value) => value = new VBuffer<float>(names.Length, [.. scores[row]]));
            }
        }

        if (!without.Contains(ColumnNames.SevenPointScore))
            view.AddSingle(ColumnNames.SevenPointScore, SevenPointScores);
        if (StoredScores is not null)
            view.AddSingle(ColumnNames.StoredSevenPointScore, StoredScores);
        if (taxonomy.DiagnosisIndex >= 0 && !without.Contains(ColumnNames.MelanomaProbability))
        {
            view.AddSingle(ColumnNames.MelanomaProbability, MelanomaProbabilities);
            view.AddSingle("MelanomaMargin", Array.ConvertAll(MelanomaProbabilities, p => p - 0.5f));
            view.Add("IsMelanoma", BooleanDataViewType.Instance, IsMelanoma);
            view.Add("CalledMelanoma", BooleanDataViewType.Instance, Array.ConvertAll(MelanomaProbabilities, p => p >= 0.5f));
        }

        return view.Build();
    }
}
