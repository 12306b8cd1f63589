using System.Collections.Immutable;

namespace Derm7pt.MLNet.Networks;

/// <summary>Specifies the purpose of a tensor of a layer. Optimizers, regularization and checks use it instead of names.</summary>
internal enum ParameterRole
{
    /// <summary>The weights of a convolution or of a dense layer.</summary>
    Kernel,

    /// <summary>An additive constant of a convolution or of a dense layer.</summary>
    Bias,

    /// <summary>A learned scale or shift of a normalization.</summary>
    Norm,

    /// <summary>A value that determines how much a task uses of another task's features.</summary>
    Gate,

    /// <summary>A value that is part of the state but that no gradient changes, such as a running mean.</summary>
    Buffer,
}

/// <summary>Which tasks a tensor belongs to.</summary>
internal readonly record struct ParameterOwner
{
    private const int SharedIndex = -1, EachTaskIndex = -2;

    private ParameterOwner(int index) => Index = index;

    private int Index { get; }

    /// <summary>All tasks use the whole tensor.</summary>
    public static ParameterOwner Shared { get; } = new(SharedIndex);

    /// <summary>The tensor's first dimension is divided into one equal part per task, in the order of the tasks.</summary>
    public static ParameterOwner EachTask { get; } = new(EachTaskIndex);

    /// <summary>Only the task with this zero-based index uses the tensor.</summary>
    public static ParameterOwner Task(int index) => new(index);

    /// <summary>Determines whether a task uses the tensor or a part of it.</summary>
    public bool Includes(int task) => Index < 0 || Index == task;

    /// <summary>Whether all tasks use the same values.</summary>
    public bool IsShared => Index == SharedIndex;
}

/// <summary>The values that a tensor has before training.</summary>
/// <param name="FanIn">The number of inputs of one unit; 0 for a constant.</param>
/// <param name="FanOut">The number of units that one input reaches; 0 for a constant.</param>
/// <param name="Constant">The value of all elements where nothing is drawn.</param>
internal readonly record struct Initialization(long FanIn, long FanOut, float Constant)
{
    public static Initialization Zeros => default;

    public static Initialization Ones => new(0, 0, 1);

    /// <summary>Uniform in ±√(6 / (fan in + fan out)) (Glorot and Bengio, AISTATS 2010).</summary>
    public static Initialization GlorotUniform(long fanIn, long fanOut) => new(fanIn, fanOut, 0);

    /// <summary>Creates the values of a tensor.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="random">Draws them; not used for a constant.</param>
    public float[] Create(long count, Random random)
    {
        var values = new float[count];
        if (FanIn + FanOut == 0)
        {
            Array.Fill(values, Constant);
            return values;
        }

        float bound = MathF.Sqrt(6f / (FanIn + FanOut));
        for (int i = 0; i < values.Length; i++)
            values[i] = ((2 * random.NextSingle()) - 1) * bound;
        return values;
    }
}

/// <summary>A tensor of a layer's state: a learned parameter or a buffer.</summary>
/// <param name="Name">The name, relative to the layer until <see cref="In"/> puts the layer's path before it.</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Owner">The tasks to which it belongs.</param>
/// <param name="Initialization">Its values before training.</param>
internal sealed record ParameterSpec(
    string Name, ImmutableArray<long> Shape, ParameterRole Role, ParameterOwner Owner, Initialization Initialization)
{
    /// <summary>The number of elements that the layer never reads, so that they are not learned.</summary>
    public long UnusedCount { get; init; }

    /// <summary>Whether the tensor belongs to the encoder, which can have a separate learning rate.</summary>
    public bool IsEncoder { get; init; }

    /// <summary>The least value that an element may have; a variance, for example, is not negative.</summary>
    public float Minimum { get; init; } = float.NegativeInfinity;

    /// <summary>Whether the tensor keeps the value that it starts with.</summary>
    public bool IsFrozen { get; init; }

    public long Count => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Whether training changes the tensor by its gradient.</summary>
    public bool IsLearned => Role != ParameterRole.Buffer && !IsFrozen;

    /// <summary>The same tensor as one of a larger network.</summary>
    /// <param name="path">The layer's path, such as <c>blocks.0</c>.</param>
    public ParameterSpec In(string path) => this with { Name = $"{path}.{Name}" };
}
