namespace Derm7pt.MLNet.Synthetic;

/// <summary>Smooth noise over the plane, from 0 to 1: random values on a grid, interpolated.</summary>
internal sealed class ValueNoise
{
    // A power of two, so that wrapping around costs one AND.
    private const int Period = 64;

    private readonly float[] _values = new float[Period * Period];
    private readonly float _frequency;

    /// <param name="random">Where the grid's values come from.</param>
    /// <param name="cell">The distance between grid points: features are about this large.</param>
    public ValueNoise(Randomness random, float cell)
    {
        _frequency = 1 / cell;
        for (int i = 0; i < _values.Length; i++)
            _values[i] = random.Next();
    }

    public float At(float x, float y)
    {
        // Shifted so that all of a picture has positive coordinates and a cast is a floor.
        float gx = (x * _frequency) + Period;
        float gy = (y * _frequency) + Period;
        int column = (int)gx;
        int row = (int)gy;
        float u = Smooth(gx - column);
        float v = Smooth(gy - row);
        int left = column & (Period - 1);
        int right = (column + 1) & (Period - 1);
        int top = (row & (Period - 1)) * Period;
        int bottom = ((row + 1) & (Period - 1)) * Period;
        float upper = _values[top + left] + (u * (_values[top + right] - _values[top + left]));
        float lower = _values[bottom + left] + (u * (_values[bottom + right] - _values[bottom + left]));
        return upper + (v * (lower - upper));
    }

    private static float Smooth(float t) => t * t * (3 - (2 * t));
}
