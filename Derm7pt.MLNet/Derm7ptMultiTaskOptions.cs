using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Columns;

namespace Derm7pt.MLNet;

public sealed partial class Derm7ptMultiTaskEstimator
{
    /// <summary>
    /// Everything that can be chosen. <see cref="Network"/> and <see cref="Training"/> together are a <see cref="TrainingRecipe"/>.
    /// </summary>
    public sealed record Options
    {
        /// <summary>The tasks and their labels; label columns are named after the tasks.</summary>
        public Taxonomy Taxonomy { get; init; } = Taxonomy.Derm7pt;

        /// <summary>The network.</summary>
        public NetworkOptions Network { get; init; } = new();

        /// <summary>How the network is trained.</summary>
        public TrainingOptions Training { get; init; } = new();

        /// <summary>Which data the training reads, and how.</summary>
        public DataOptions Data { get; init; } = new();

        /// <summary>Where the training runs, and what it reports on its way.</summary>
        public RuntimeOptions Runtime { get; init; } = new();

        /// <summary>
        /// A model, just trained or loaded, whose weights the training starts from; <see langword="null"/> starts from
        /// random ones. It stays as it is.
        /// </summary>
        /// <remarks>
        /// Its network must have the same label counts, filters, gates and gate steepness. Taxonomies with other names,
        /// dropout and the size of the images may differ.
        /// </remarks>
        public Derm7ptMultiTaskTransformer? InitialModel { get; init; }

        internal TrainingRecipe Recipe => new() { Network = Network, Training = Training };

        internal IEnumerable<string> Problems()
        {
            if (Taxonomy is null)
                yield return $"{nameof(Taxonomy)} must not be null.";
            foreach (string name in Taxonomy is null ? [] : ColumnNames.Clashes(Taxonomy))
                yield return $"The tasks of the taxonomy give two columns the name '{name}'.";
            foreach (string problem in Recipe.Problems()
                .Concat(OptionCheck.Within(nameof(Data), Data?.Problems()))
                .Concat(OptionCheck.Within(nameof(Runtime), Runtime?.Problems())))
            {
                yield return problem;
            }
        }
    }
}
