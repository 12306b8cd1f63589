using System.Globalization;

namespace PaperExperiments;

/// <summary>Finds the finished runs in a folder, those of earlier calls too, and compares them.</summary>
internal static class Collector
{
    private const string SeedPrefix = "seed-";

    /// <returns>The comparison; null where no run is finished.</returns>
    public static Comparison? Collect(string output, ExperimentSettings settings, ReleaseIdentity release)
    {
        var summaries = new List<PresetSummary>();
        var leftOut = new List<string>();
        foreach (Preset preset in Presets.All)
        {
            var records = new List<RunRecord>();
            foreach (ExperimentRun run in Runs(output, preset))
            {
                try
                {
                    if (RunManifest.FindSettings(run.Folder(output)) is not { } found)
                        continue;
                    string[] differences = [.. Differences(found, run.Describe(settings, release))];
                    if (differences.Length == 0)
                        records.Add(RunRecord.Read(run, output));
                    else
                        leftOut.Add($"{run} has other settings. {string.Join("; ", differences)}.");
                }
                catch (InvalidDataException e)
                {
                    leftOut.Add($"{run}: {e.Message}");
                }
            }

            if (records.Count > 0)
                summaries.Add(new PresetSummary(preset, records));
        }

        return summaries.Count == 0
            ? null
            : new Comparison(settings, release, summaries, [.. Expectations(summaries)], leftOut);
    }

    /// <summary>Describes a difference, such as <c>imageSize: 128 in the finished run, 256 now</c>.</summary>
    public static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> finished, IReadOnlyDictionary<string, string> now) =>
        from name in now.Keys.Union(finished.Keys)
        let values = (Then: finished.GetValueOrDefault(name, "nothing"), Now: now.GetValueOrDefault(name, "nothing"))
        where values.Then != values.Now
        select $"{name}: {values.Then} in the finished run, {values.Now} now";

    private static IEnumerable<ExperimentRun> Runs(string output, Preset preset)
    {
        var folder = new DirectoryInfo(Path.Combine(output, preset.Name));
        if (!folder.Exists)
            return [];
        return from seed in folder.GetDirectories($"{SeedPrefix}*")
               let number = Number(seed.Name[SeedPrefix.Length..])
               where number > 0
               orderby number
               select new ExperimentRun(preset, number);

        static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    private static IEnumerable<ExpectationOutcome> Expectations(List<PresetSummary> presets) =>
        from expectation in Expectation.All
        join more in presets on expectation.More equals more.Preset
        join less in presets on expectation.Less equals less.Preset
        select new ExpectationOutcome(expectation, more[FigureNames.MeanSharing], less[FigureNames.MeanSharing]);
}
