namespace Derm7pt.MLNet.Networks.Kernels;

/// <summary>Represents the buffers with which a thread computes one group of one image of a block. It is not thread-safe.</summary>
internal sealed unsafe class BlockScratch : IDisposable
{
    private readonly BlockGeometry _geometry;
    private readonly nint _stride;
    private readonly NativeBuffer _buffer;

    // Planes at position 0; what lies between them is padding.
    private readonly float* _input;
    private readonly float* _inputGradient;
    private readonly float* _mixed;
    private readonly float* _mixedGradient;
    private readonly float* _convolved;
    private readonly float* _convolvedGradient;

    public BlockScratch(BlockGeometry geometry)
    {
        (_geometry, _stride) = (geometry, geometry.PlaneStride);
        int inputs = geometry.InputPlanes + (geometry.Mixes ? 1 : 0), gradients = geometry.Mixes ? geometry.InputChannels : 0;
        int planes = inputs + gradients + (2 * geometry.MixedChannels) + (2 * geometry.Channels);
        _buffer = new NativeBuffer((planes * _stride) + geometry.Reach);
        float* next = _buffer.Start + geometry.Reach;
        _input = Take(inputs);
        _inputGradient = Take(gradients);
        _mixed = geometry.Mixes ? Take(geometry.MixedChannels) : _input;
        _mixedGradient = Take(geometry.MixedChannels);
        _convolved = Take(geometry.Channels);
        _convolvedGradient = Take(geometry.Channels);
        // The plane that the bias is multiplied by.
        if (geometry.Mixes)
            new Span<float>(_input + (geometry.InputPlanes * _stride), geometry.PlanePositions).Fill(1);

        float* Take(int count)
        {
            float* taken = next;
            next += count * _stride;
            return taken;
        }
    }

    public void Dispose() => _buffer.Dispose();

    public void LoadInput(float* image)
    {
        int length = _geometry.Height * _geometry.Width;
        for (int channel = 0; channel < _geometry.InputChannels; channel++, image += length)
        {
            if (_geometry.Stride == 1)
                new ReadOnlySpan<float>(image, length).CopyTo(new Span<float>(_input + (channel * _stride), length));
            else
                PlaneKernels.Split(image, _geometry.Height, _geometry.Width, _input + (channel * 4 * _stride), _stride, _geometry.Pitch);
        }
    }

    public void Mix(BlockWeights weights, int group)
    {
        if (weights.Mix is not null)
            Convolve(weights.Mix, group, _input, _mixed, _geometry.MixedChannels, _geometry.PlanePositions, ConvolutionResult.Rectified);
    }

    public void Convolve(BlockWeights weights, int group) =>
        Convolve(weights.Kernel, group, _mixed, _convolved, _geometry.Channels, _geometry.ConvolvedPositions, ConvolutionResult.Stored);

    public void Pool(float* pooled, byte* places)
    {
        int length = _geometry.PooledHeight * _geometry.PooledWidth;
        for (int channel = 0; channel < _geometry.Channels; channel++)
        {
            PlaneKernels.Pool(
                _convolved + (channel * _stride), _geometry.Pitch, pooled + (channel * length), places == null ? null : places + (channel * length),
                _geometry.PooledHeight, _geometry.PooledWidth);
        }
    }

    public void Unpool(float* gradient, byte* places)
    {
        int length = _geometry.PooledHeight * _geometry.PooledWidth;
        for (int channel = 0; channel < _geometry.Channels; channel++)
        {
            PlaneKernels.Unpool(
                gradient + (channel * length), places + (channel * length), _convolvedGradient + (channel * _stride), _geometry.Pitch,
                _geometry.PooledHeight, _geometry.PooledWidth);
        }
    }

    public void BackThroughConvolution(BlockWeights weights, BlockGradients sums, int group)
    {
        Correlate(weights.Kernel, sums.Kernel, group, _convolvedGradient, _geometry.Channels, _mixed, _geometry.ConvolvedPositions);
        if (weights.KernelGradient is not null)
        {
            Convolve(
                weights.KernelGradient, group, _convolvedGradient, _mixedGradient, _geometry.MixedChannels, _geometry.PlanePositions,
                ConvolutionResult.WhereMaskIsPositive, _mixed);
        }
    }

    public void BackThroughMix(BlockWeights weights, BlockGradients sums, int group)
    {
        if (weights.MixGradient is null)
            return;
        Correlate(weights.Mix!, sums.Mix!, group, _mixedGradient, _geometry.MixedChannels, _input, _geometry.PlanePositions);
        Convolve(
            weights.MixGradient, group, _mixedGradient, _inputGradient, _geometry.InputChannels, _geometry.PlanePositions,
            ConvolutionResult.Added);
    }

    public void ClearInputGradient()
    {
        if (_geometry.Mixes)
            new Span<float>(_inputGradient, checked((int)(_geometry.InputChannels * _stride))).Clear();
    }

    public void StoreInputGradient(float* gradient)
    {
        if (!_geometry.Mixes)
            return;
        int length = _geometry.PlanePositions;
        for (int channel = 0; channel < _geometry.InputChannels; channel++)
            new ReadOnlySpan<float>(_inputGradient + (channel * _stride), length).CopyTo(new Span<float>(gradient + (channel * length), length));
    }

    private void Convolve(
        TapConvolution convolution, int group, float* input, float* output, int channels, int positions, ConvolutionResult result,
        float* mask = null)
    {
        fixed (nint* taps = convolution.Taps)
        {
            TapKernels.Convolve(
                input, taps, convolution.Taps.Length, convolution.Weights.Group(group), output, _stride, channels, positions, result, mask);
        }
    }

    private void Correlate(
        TapConvolution convolution, PackedWeights sums, int group, float* gradient, int channels, float* input, int positions)
    {
        fixed (nint* taps = convolution.Taps)
            TapKernels.Correlate(gradient, _stride, channels, input, taps, convolution.Taps.Length, positions, sums.Group(group));
    }
}
