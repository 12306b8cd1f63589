namespace Derm7pt.MLNet.Columns;

/// <summary>Defines names of annotations that ML.NET does not publish.</summary>
internal static class AnnotationKinds
{
    public const string KeyValues = "KeyValues";
    public const string SlotNames = "SlotNames";
}
