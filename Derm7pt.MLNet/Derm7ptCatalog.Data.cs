using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Releases;
using Microsoft.ML;

namespace Derm7pt.MLNet;

/// <summary>Provides extension methods that add the operations of this library to the catalogs of an <see cref="MLContext"/>.</summary>
public static partial class Derm7ptCatalog
{
    /// <summary>Reads a Derm7pt release from its folder.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">The folder of the release: the one that holds <c>meta/</c> and <c>images/</c>.</param>
    /// <param name="taxonomy">The tasks and labels to read; <see cref="Taxonomy.Derm7pt"/> if null.</param>
    /// <returns>The splits as data views; see <see cref="Derm7ptRelease"/> for their columns.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="catalog"/> or <paramref name="folder"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty, or a task of <paramref name="taxonomy"/> reads
    /// a column that a release does not have, or has the name of another column.</exception>
    /// <exception cref="Derm7ptReleaseException">The release is missing, incomplete or malformed. All its problems are
    /// reported at once.</exception>
    public static Derm7ptRelease LoadDerm7pt(this DataOperationsCatalog catalog, string folder, Taxonomy? taxonomy = null) =>
        catalog.LoadDerm7pt(folder, new Derm7ptRelease.Options { Taxonomy = taxonomy });

    /// <summary>Reads a Derm7pt release from its folder, with options.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">The folder of the release: the one that holds <c>meta/</c> and <c>images/</c>.</param>
    /// <param name="options">The options for reading the release.</param>
    /// <returns>The splits as data views; see <see cref="Derm7ptRelease"/> for their columns.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty, or a task of the taxonomy reads a column that a
    /// release does not have, or has the name of another column, or an option is out of range.</exception>
    /// <exception cref="Derm7ptReleaseException">The release is missing, incomplete or malformed. All its problems are
    /// reported at once.</exception>
    public static Derm7ptRelease LoadDerm7pt(this DataOperationsCatalog catalog, string folder, Derm7ptRelease.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(options);
        OptionCheck.ThrowIfAny(options.Problems());
        var reader = new ReleaseReader(
            folder, ReleaseSchema.Default, options.Taxonomy ?? Taxonomy.Derm7pt, options.CheckImages, options.ReportAtMost);
        return reader.Read();
    }
}
