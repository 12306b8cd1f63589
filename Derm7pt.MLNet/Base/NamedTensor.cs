using System.Collections.Immutable;

namespace Derm7pt.MLNet.Base;

/// <summary>A tensor outside torch: a name, a shape and its values in row-major order.</summary>
internal sealed record NamedTensor(string Name, ImmutableArray<long> Shape, float[] Values);
