using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;
using Derm7pt.MLNet.Networks;

namespace Derm7pt.MLNet;

public sealed partial class Derm7ptMultiTaskEstimator
{
    /// <summary>
    /// Represents the options of the estimator. <see cref="Network"/> and <see cref="Training"/> together are a
    /// <see cref="TrainingRecipe"/>.
    /// </summary>
    public sealed class Options
    {
        /// <summary>Creates options with default values.</summary>
        public Options()
        {
        }

        /// <summary>Creates a copy of options, which an initializer may then change.</summary>
        /// <param name="other">The options to copy.</param>
        public Options(Options other)
        {
            ArgumentNullException.ThrowIfNull(other);
            Taxonomy = other.Taxonomy;
            Network = other.Network;
            Training = other.Training;
            Data = other.Data;
            Runtime = other.Runtime;
            InitialModel = other.InitialModel;
        }

        /// <summary>The tasks and their labels; label columns are named after the tasks.</summary>
        public Taxonomy Taxonomy { get; init; } = Taxonomy.Derm7pt;

        /// <summary>The network.</summary>
        public NetworkOptions Network { get; init; } = new();

        /// <summary>The options of the training.</summary>
        public TrainingOptions Training { get; init; } = new();

        /// <summary>The options of the data that the training reads.</summary>
        public DataOptions Data { get; init; } = new();

        /// <summary>The options of the device, progress reports, cancellation and checkpoints.</summary>
        public RuntimeOptions Runtime { get; init; } = new();

        /// <summary>
        /// The trained or loaded model whose weights the training starts from; <see langword="null"/> for random initial weights.
        /// The model is not changed.
        /// </summary>
        /// <remarks>
        /// Its network must have the same label counts, filters, gates and gate steepness. The names in the taxonomy,
        /// the dropout and the image size may differ. It must not be an ensemble.
        /// </remarks>
        public Derm7ptMultiTaskTransformer? InitialModel { get; init; }

        internal TrainingRecipe Recipe => new() { Network = Network, Training = Training };

        internal IEnumerable<string> Problems()
        {
            if (Taxonomy is null)
                yield return $"{nameof(Taxonomy)} must not be null.";
            foreach (string name in Taxonomy is null ? [] : ColumnNames.Clashes(Taxonomy))
                yield return $"The tasks of the taxonomy give two columns the name '{name}'.";
            if (Training is { LearningRateSchedule: LearningRateSchedule.Plateau, ValidationFraction: 0 } && Data is { ValidationSet: null })
            {
                yield return $"{nameof(Training)}.{nameof(Training.LearningRateSchedule)} Plateau needs validation cases: " +
                    $"{nameof(Training)}.{nameof(Training.ValidationFraction)} must not be 0 without a {nameof(Data)}.{nameof(Data.ValidationSet)}.";
            }

            if (InitialModel is { MemberCount: > 1 and var members })
                yield return Invariant($"{nameof(InitialModel)} must be a single model, got an ensemble of {members}: take one of the models that it was made of.");
            foreach (string problem in Recipe.Problems()
                .Concat(OptionCheck.Within(nameof(Data), Data?.Problems()))
                .Concat(OptionCheck.Within(nameof(Runtime), Runtime?.Problems())))
            {
                yield return problem;
            }
        }

        /// <summary>Describes the problems of the training images' sizes for a network, as one sentence per problem.</summary>
        internal IEnumerable<string> SizeProblems(NetworkSpec network)
        {
            if (Training.Augmentation is not { } augmentation)
                return [];
            // The encoder reads training images without a further crop or resize.
            int minimum = (network with { Input = null }).MinimumImageExtent;
            string expected = Invariant($"at least {minimum}, the smallest extent that the network accepts");
            string path = $"{nameof(Training)}.{nameof(Training.Augmentation)}";
            return
            [
                .. OptionCheck.Require(
                    !(augmentation.OutputHeight < minimum), augmentation.OutputHeight, expected, $"{path}.{nameof(augmentation.OutputHeight)}"),
                .. OptionCheck.Require(
                    !(augmentation.OutputWidth < minimum), augmentation.OutputWidth, expected, $"{path}.{nameof(augmentation.OutputWidth)}"),
            ];
        }
    }
}
