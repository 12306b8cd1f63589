using System.Collections.Immutable;
using Derm7pt.MLNet.Network;

namespace Derm7pt.MLNet.Tests.Persistence;

/// <summary>A folded network with random weights that no training made.</summary>
internal static class RandomNetwork
{
    public const int SmallHeight = 21;
    public const int SmallWidth = 32;

    /// <summary>What the default network has: four blocks of 2, 4, 8, 16 filters, kernels 5 (stride 2), 3, 3, 3.</summary>
    public static FoldedNetwork Default(Taxonomy taxonomy, int seed, int size = 96) =>
        Create(taxonomy, seed, size, size, [(2, 5, 2), (4, 3, 1), (8, 3, 1), (16, 3, 1)]);

    /// <summary>Two narrow blocks on an oblong image, to tell rows from columns.</summary>
    public static FoldedNetwork Small(Taxonomy taxonomy, int seed) =>
        Create(taxonomy, seed, SmallHeight, SmallWidth, [(2, 5, 2), (3, 3, 1)]);

    public static FoldedNetwork Create(
        Taxonomy taxonomy, int seed, int height, int width, IReadOnlyList<(int Channels, int Kernel, int Stride)> blocks)
    {
        int tasks = taxonomy.Tasks.Count;
        var random = new Random(seed);
        var folded = ImmutableArray.CreateBuilder<FoldedBlock>();
        var alphas = ImmutableArray.CreateBuilder<NamedTensor>();
        int previous = 0;
        for (int i = 0; i < blocks.Count; i++)
        {
            (int channels, int kernel, int stride) = blocks[i];
            (string name, int mixed) = ($"block{i + 1}", 4 * previous);
            folded.Add(i == 0
                ? new FoldedBlock(null, null, Weights($"{name}.kernel", 3 * kernel * kernel, tasks * channels, 3, kernel, kernel), stride, 1)
                : new FoldedBlock(
                    Weights($"{name}.mix.kernel", tasks * previous, tasks * mixed, tasks * previous, 1, 1),
                    Weights($"{name}.mix.bias", 10, tasks * mixed),
                    Weights($"{name}.kernel", mixed * kernel * kernel, tasks * channels, mixed, kernel, kernel),
                    stride,
                    tasks));
            NamedTensor alpha = Weights($"{name}.alphas", 1, tasks, tasks * channels);
            alphas.Add(alpha with { Values = [.. alpha.Values.Select(value => 1 / (1 + MathF.Exp(-value)))] });
            previous = channels;
        }

        int features = 4 * previous;
        var head = new FoldedHead(
            Weights("head.mix.kernel", tasks * previous, tasks * features, tasks * previous, 1, 1),
            Weights("head.mix.bias", 10, tasks * features),
            Weights("head.dense.kernel", features, tasks * features, features),
            Weights("head.dense.bias", 10, tasks * features),
            [.. taxonomy.Tasks.Select(task => Weights($"{task.Name}.logits.kernel", features / 8f, task.Labels.Count, features))],
            [.. taxonomy.Tasks.Select(task => Weights($"{task.Name}.logits.bias", 10, task.Labels.Count))]);
        return new FoldedNetwork(tasks, height, width, folded.ToImmutable(), head, alphas.ToImmutable());

        // He initialization keeps the features' size from block to block.
        NamedTensor Weights(string name, float fanIn, params ImmutableArray<long> shape)
        {
            var values = new float[shape.Aggregate((x, y) => x * y)];
            float scale = MathF.Sqrt(6 / fanIn);
            for (int i = 0; i < values.Length; i++)
                values[i] = scale * (2 * random.NextSingle() - 1);
            return new NamedTensor(name, shape, values);
        }
    }
}
