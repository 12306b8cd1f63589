namespace Derm7pt.MLNet;

/// <summary>Specifies the kind of a task of a <see cref="Taxonomy"/>.</summary>
public enum TaskKind
{
    /// <summary>The diagnosis itself; its labels carry no checklist score.</summary>
    Diagnosis,

    /// <summary>A criterion of the 7-point checklist; every label carries a score.</summary>
    Criterion,
}
