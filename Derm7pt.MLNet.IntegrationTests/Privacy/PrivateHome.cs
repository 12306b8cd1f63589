namespace Derm7pt.MLNet.IntegrationTests.Privacy;

/// <summary>An empty home directory for a process, and an environment in which only the tested setting suppresses telemetry.</summary>
internal sealed class PrivateHome : IDisposable
{
    // ONNX Runtime detects build servers and test runs by these variables; the first one is its own switch.
    private static readonly string[] Suppressing =
    [
        "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI", "APPVEYOR", "BITBUCKET_BUILD_NUMBER", "BUILDKITE", "CIRCLECI",
        "CODEBUILD_BUILD_ID", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TEAMCITY_VERSION", "TF_BUILD", "TRAVIS",
    ];

    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("derm7pt-home-");

    public PrivateHome()
    {
        Home = _parent.CreateSubdirectory("home").FullName;
        Work = _parent.CreateSubdirectory("work").FullName;
        Environment = new Dictionary<string, string> { ["HOME"] = Home, ["USERPROFILE"] = Home, ["LOCALAPPDATA"] = Home, ["APPDATA"] = Home };
        // DotNet removes variables with an empty value.
        foreach (string name in Suppressing.Append("XDG_CACHE_HOME").Append("XDG_DATA_HOME").Append("XDG_CONFIG_HOME"))
            Environment[name] = "";
    }

    public string Home { get; }

    /// <summary>Gets a working folder outside the home directory.</summary>
    public string Work { get; }

    public Dictionary<string, string> Environment { get; }

    public void AssertEmpty() =>
        Assert.IsEmpty(Directory.GetFileSystemEntries(Home, "*", SearchOption.AllDirectories), "the process has left something in its home directory");

    public void Dispose() => _parent.Delete(recursive: true);
}
