using Derm7pt.MLNet.Evaluation;
using Derm7pt.MLNet.Reporting;

namespace Derm7pt.MLNet.Tests.Reporting;

/// <summary>A report of the tiny run, created once for all tests that only read it.</summary>
internal sealed class ReportFixture
{
    public const string HostileTitle = "<script>alert('title')</script> & \"co\"";
    public const string HostileData = "</script><img src=x onerror=alert(1)> {{style}}";

    private static readonly Lazy<ReportFixture> LazyShared = new(() => new ReportFixture());

    private ReportFixture()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"derm7pt-report-{Guid.NewGuid():N}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        TinyRun run = TinyRun.Shared;
        Input = Derm7ptReport.Create(run.Model.LastTransformer, run.Scored, new ReportOptions
        {
            Title = HostileTitle,
            DatasetDescription = HostileData,
            IsSynthetic = true,
            ExampleCount = 4,
            ScoredValidation = run.Model.Transform(run.Release.Validation),
            Evaluation = new MultiTaskEvaluation.Options { BootstrapResamples = 50 },
        });
        Page = Derm7ptReport.Write(folder, Input);
        Html = File.ReadAllText(Page);
    }

    public static ReportFixture Shared => LazyShared.Value;

    public ReportInput Input { get; }

    /// <summary>The full path of the page.</summary>
    public string Page { get; }

    public string Html { get; }

    public string Read(string file) => File.ReadAllText(Path.Combine(Path.GetDirectoryName(Page)!, file));
}
