namespace Derm7pt.MLNet.Columns;

/// <summary>Names of annotations that ML.NET keeps to itself.</summary>
internal static class AnnotationKinds
{
    public const string KeyValues = "KeyValues";
    public const string SlotNames = "SlotNames";
}
