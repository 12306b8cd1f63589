namespace Derm7pt.MLNet.Tests.Child;

/// <summary>A row with the path of an image.</summary>
internal sealed class ImageFile
{
    public string ImagePath { get; set; } = "";
}
