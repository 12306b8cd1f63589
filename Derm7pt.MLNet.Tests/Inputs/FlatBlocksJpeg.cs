using System.Buffers.Binary;

namespace Derm7pt.MLNet.Tests.Inputs;

/// <summary>Writes JPEGs of flat blocks of 8×8 pixels with exact samples, in variants that SkiaSharp can read but not write.</summary>
internal sealed record FlatBlocksJpeg
{
    private const int Block = 8, Largest = 11, CodeLength = 4;

    /// <summary>Gets or sets a sample of each component, for each block of each row of blocks.</summary>
    public required byte[][][] Samples { get; init; }

    /// <summary>Gets or sets whether the file has several scans instead of one.</summary>
    public bool IsProgressive { get; init; }

    /// <summary>Gets or sets the number of blocks between restart markers; 0 for no markers.</summary>
    public int RestartInterval { get; init; }

    /// <summary>Gets or sets the color transform in the Adobe marker; null for no such marker.</summary>
    public byte? AdobeTransform { get; init; }

    public byte[] ToArray()
    {
        int components = Samples[0][0].Length;
        byte[] ids = [.. Enumerable.Range(1, components).Select(id => (byte)id)];
        var file = new List<byte> { 0xFF, 0xD8 };
        if (AdobeTransform is { } transform)
            Add(file, 0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, transform]);
        // All quantization steps are 1, so that the DC coefficient of a block is 8 times its samples.
        Add(file, 0xDB, [0, .. Enumerable.Repeat((byte)1, Block * Block)]);
        Add(
            file, (byte)(IsProgressive ? 0xC2 : 0xC0),
            [8, .. Short(Block * Samples.Length), .. Short(Block * Samples[0].Length), (byte)components, .. ids.SelectMany(id => new byte[] { id, 0x11, 0 })]);
        // The codes are 4 bits for the magnitudes of DC coefficients, and 1 bit for a block without AC coefficients.
        Add(file, 0xC4, [0x00, 0, 0, 0, Largest + 1, .. new byte[12], .. Enumerable.Range(0, Largest + 1).Select(size => (byte)size)]);
        Add(file, 0xC4, [0x10, 1, .. new byte[15], 0]);
        if (RestartInterval > 0)
            Add(file, 0xDD, Short(RestartInterval));
        Add(file, 0xDA, [(byte)components, .. ids.SelectMany(id => new byte[] { id, 0x00 }), 0, (byte)(IsProgressive ? 0 : 63), 0]);
        file.AddRange(Scan(hasMeans: true, hasOthers: !IsProgressive));
        foreach (byte id in IsProgressive ? ids : [])
        {
            Add(file, 0xDA, [1, id, 0x00, 1, 63, 0]);
            file.AddRange(Scan(hasMeans: false, hasOthers: true));
        }

        return [.. file, 0xFF, 0xD9];
    }

    private List<byte> Scan(bool hasMeans, bool hasOthers)
    {
        var bytes = new List<byte>();
        (int pending, int bits) = (0, 0);
        var last = new int[Samples[0][0].Length];
        byte[][] blocks = [.. Samples.SelectMany(row => row)];
        for (int block = 0; block < blocks.Length; block++)
        {
            if (RestartInterval > 0 && block > 0 && block % RestartInterval == 0)
            {
                Fill();
                bytes.AddRange([0xFF, (byte)(0xD0 + (((block / RestartInterval) - 1) % 8))]);
                Array.Clear(last);
            }

            // Only the scan of the DC coefficients has all components.
            for (int component = 0; component < (hasMeans ? last.Length : 1); component++)
            {
                int mean = Block * (blocks[block][component] - 128), difference = mean - last[component], size = 0;
                last[component] = mean;
                while (Math.Abs(difference) >> size > 0)
                    size++;
                if (hasMeans)
                {
                    Put(size, CodeLength);
                    Put(difference < 0 ? difference - 1 : difference, size);
                }

                if (hasOthers)
                    Put(0, 1);
            }
        }

        Fill();
        return bytes;

        void Put(int value, int count)
        {
            for (int bit = count - 1; bit >= 0; bit--)
            {
                pending = (pending << 1) | ((value >> bit) & 1);
                if (++bits < 8)
                    continue;
                bytes.Add((byte)pending);
                if ((byte)pending == 0xFF)
                    bytes.Add(0);
                (pending, bits) = (0, 0);
            }
        }

        void Fill()
        {
            while (bits > 0)
                Put(1, 1);
        }
    }

    private static void Add(List<byte> file, byte marker, byte[] content) => file.AddRange([0xFF, marker, .. Short(content.Length + 2), .. content]);

    private static byte[] Short(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
