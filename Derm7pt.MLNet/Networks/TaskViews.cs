namespace Derm7pt.MLNet.Networks;

/// <summary>
/// Represents the view of a block's features that every task reads: R channels, each a linear map of the K channels of <see cref="Features"/>.
/// </summary>
/// <remarks>
/// A view is never computed by itself. What reads it is always a 1×1 convolution, and a linear map of channels followed by a
/// 1×1 convolution is one 1×1 convolution, so that the map is folded into the kernel of its reader.
/// </remarks>
/// <typeparam name="TFeatures">A tensor, or a value of a graph.</typeparam>
/// <typeparam name="TWeights">A tensor, or the name of a value of a graph.</typeparam>
/// <param name="Features">[N, K, h, w]: what the scheme computes of the block's features.</param>
/// <param name="Fold">Receives the weights of the readers, [T, M, R], and gives those that read the features, [T, M, K].</param>
internal sealed record TaskViews<TFeatures, TWeights>(TFeatures Features, Func<TWeights, TWeights> Fold);
