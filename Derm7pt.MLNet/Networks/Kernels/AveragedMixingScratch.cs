namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Represents the buffers with which a thread computes one group of the images of a plane. It is not thread-safe.</summary>
internal sealed unsafe class AveragedMixingScratch : IDisposable
{
    private readonly AveragedMixingGeometry _geometry;
    private readonly nint _stride;
    private readonly NativeBuffer _buffer;
    private readonly float* _input;
    private readonly float* _inputGradient;

    // The convolution's output, or its gradient.
    private readonly float* _mixed;
    private int _first;
    private int _count;

    public AveragedMixingScratch(AveragedMixingGeometry geometry)
    {
        (_geometry, _stride) = (geometry, geometry.PlaneStride);
        int channels = geometry.InputChannels;
        _buffer = new NativeBuffer(((2 * channels) + 1 + geometry.Channels) * _stride);
        _input = _buffer.Start;
        // The plane that the bias is multiplied by.
        new Span<float>(_input + (channels * _stride), (int)_stride).Fill(1);
        _inputGradient = _input + ((channels + 1) * _stride);
        _mixed = _inputGradient + (channels * _stride);
    }

    private int PlanePositions => _count * _geometry.Positions;

    public void Dispose() => _buffer.Dispose();

    /// <summary>Takes the images of a plane.</summary>
    /// <param name="input">All images.</param>
    /// <param name="first">The first of the plane.</param>
    /// <param name="count">How many there are.</param>
    public void Load(float* input, int first, int count)
    {
        (_first, _count) = (first, count);
        int positions = _geometry.Positions;
        for (int channel = 0; channel < _geometry.InputChannels; channel++)
        {
            float* target = _input + (channel * _stride);
            for (int image = 0; image < count; image++)
                new ReadOnlySpan<float>(input + InputPlane(image, channel), positions).CopyTo(new Span<float>(target + (image * positions), positions));
            ClearRest(target);
        }
    }

    public void Mix(TapConvolution convolution, int group)
    {
        fixed (nint* taps = convolution.Taps)
        {
            TapKernels.Convolve(
                _input, taps, convolution.Taps.Length, convolution.Weights.Group(group), _mixed, _stride, _geometry.Channels, PlanePositions,
                ConvolutionResult.Rectified);
        }
    }

    public void Average(int group, float* averages, byte* positive)
    {
        int positions = _geometry.Positions;
        for (int channel = 0; channel < _geometry.Channels; channel++)
        {
            for (int image = 0; image < _count; image++)
            {
                float* values = _mixed + (channel * _stride) + (image * positions);
                nint at = Output(image, group, channel);
                double sum = 0;
                for (int p = 0; p < positions; p++)
                    sum += values[p];
                averages[at] = (float)(sum / positions);
                if (positive == null)
                    continue;
                byte* places = positive + (at * positions);
                for (int p = 0; p < positions; p++)
                    places[p] = values[p] > 0 ? (byte)1 : (byte)0;
            }
        }
    }

    /// <summary>Gives each position of an image its share of the gradient of the average, where the convolution was positive.</summary>
    public void Spread(int group, float* gradient, byte* positive)
    {
        int positions = _geometry.Positions;
        for (int channel = 0; channel < _geometry.Channels; channel++)
        {
            float* target = _mixed + (channel * _stride);
            for (int image = 0; image < _count; image++)
            {
                nint at = Output(image, group, channel);
                float share = gradient[at] / positions;
                float* values = target + (image * positions);
                byte* places = positive + (at * positions);
                for (int p = 0; p < positions; p++)
                    values[p] = places[p] != 0 ? share : 0;
            }

            ClearRest(target);
        }
    }

    public void BackThroughMix(nint[] inputTaps, PackedWeights sums, TapConvolution back, int group)
    {
        fixed (nint* taps = inputTaps)
            TapKernels.Correlate(_mixed, _stride, _geometry.Channels, _input, taps, inputTaps.Length, PlanePositions, sums.Group(group));
        fixed (nint* taps = back.Taps)
        {
            TapKernels.Convolve(
                _mixed, taps, back.Taps.Length, back.Weights.Group(group), _inputGradient, _stride, _geometry.InputChannels, PlanePositions,
                ConvolutionResult.Added);
        }
    }

    public void ClearInputGradient() => new Span<float>(_inputGradient, checked((int)(_geometry.InputChannels * _stride))).Clear();

    public void StoreInputGradient(float* gradient)
    {
        int positions = _geometry.Positions;
        for (int channel = 0; channel < _geometry.InputChannels; channel++)
        {
            float* source = _inputGradient + (channel * _stride);
            for (int image = 0; image < _count; image++)
                new ReadOnlySpan<float>(source + (image * positions), positions).CopyTo(new Span<float>(gradient + InputPlane(image, channel), positions));
        }
    }

    // The padding positions may contain values of an earlier plane that are not finite.
    private void ClearRest(float* plane) =>
        new Span<float>(plane + PlanePositions, AveragedMixingGeometry.Computed(PlanePositions) - PlanePositions).Clear();

    private nint InputPlane(int image, int channel) =>
        (((nint)(_first + image) * _geometry.InputChannels) + channel) * _geometry.Positions;

    private nint Output(int image, int group, int channel) =>
        ((nint)(_first + image) * _geometry.AllChannels) + (group * _geometry.Channels) + channel;
}
