namespace PaperExperiments;

/// <summary>The paths of the files of one run.</summary>
internal sealed record RunFolder(string FullName)
{
    /// <summary>The state of a training that is not finished.</summary>
    public string Checkpoint => At("training.ckpt");

    /// <summary>Written last: where it is, the run is finished.</summary>
    public string Manifest => At("run.json");

    public string Model => At("model.zip");

    public string Onnx => At("model.onnx");

    public string EvaluationJson => At("evaluation.json");

    public string EvaluationCsv => At("evaluation.csv");

    public string GatesJson => At("gates.json");

    public string GatesCsv => At("gates.csv");

    public string HistoryCsv => At("history.csv");

    /// <summary>A folder with the page <c>report.html</c>.</summary>
    public string Report => At("report");

    private string At(string name) => Path.Combine(FullName, name);
}
