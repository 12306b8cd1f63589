using Derm7pt.MLNet.Base;
using Derm7pt.MLNet.Inputs;

namespace Derm7pt.MLNet.Releases;

/// <summary>Finds the files of a release, whatever their letter case, and reports those that cannot be found.</summary>
internal sealed class ReleaseFiles(
    string folder, ReleaseSchema schema, ProblemList problems, List<Derm7ptReleaseProblem> warnings)
{
    private const string Ambiguous = "more than one file has this name in another letter case:";

    private readonly FolderIndex _index = new();

    /// <summary>The full path of a file or folder; null if it was not found, which was reported.</summary>
    public string? Locate(string name, bool isFolder)
    {
        string what = isFolder ? "folder" : "file";
        _ = RelativeName.TrySplit(name, out IReadOnlyList<string> parts);
        try
        {
            IReadOnlyList<string> matches = _index.Find(folder, parts, isFolder);
            switch (matches)
            {
                case []:
                    string hint = $"it below the release's folder{OtherRelease()}";
                    problems.Add(new(name, null, null, null, $"the {what} is missing", hint));
                    return null;
                case [string path]:
                    if (Below(folder, path) is var found && found != name)
                        warnings.Add(new(name, null, null, found, $"the {what} has another letter case on disk:", $"'{name}'"));
                    return path;
                default:
                    problems.Add(new(name, null, null, null, Ambiguous, OneOf(matches, folder)));
                    return null;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(name, null, null, null, $"the {what} cannot be looked up ({e.Message})", "readable folders"));
            return null;
        }
    }

    /// <summary>The full path of an image that a table names; empty if it was not found, which was reported.</summary>
    /// <param name="imagesFolder">The folder of the images; null if it is missing, so that only names can be checked.</param>
    /// <param name="mustExist">Whether to look the file up, rather than to make its path from its name.</param>
    /// <param name="name">The name in the table.</param>
    /// <param name="at">Makes a problem, of a message and what was expected, at the place of the name.</param>
    public string FindImage(string? imagesFolder, bool mustExist, string name, Func<string, string, Derm7ptReleaseProblem> at)
    {
        if (!RelativeName.TrySplit(name, out IReadOnlyList<string> parts))
        {
            problems.Add(at("the path leads out of the images folder:", $"a file below {schema.ImagesFolder}/"));
            return "";
        }

        if (imagesFolder is null || !mustExist)
            return Path.Combine([imagesFolder ?? "", .. parts]);

        try
        {
            IReadOnlyList<string> matches = _index.Find(imagesFolder, parts, isFolder: false);
            switch (matches)
            {
                case []:
                    problems.Add(at("the image file is missing:", $"the file below {schema.ImagesFolder}/"));
                    return "";
                case [string path]:
                    if (Below(imagesFolder, path) is var found && found != string.Join('/', parts))
                        warnings.Add(at("the image has another letter case on disk:", $"'{found}'"));
                    if (ImageCheck.Describe(path) is { } damage)
                        problems.Add(at($"the image file {damage.TrimEnd('.')}:", "a whole image that can be decoded"));
                    return path;
                default:
                    problems.Add(at(Ambiguous, OneOf(matches, imagesFolder)));
                    return "";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(at($"the image cannot be read ({e.Message}):", "a readable file in a readable folder"));
            return "";
        }
    }

    private static string OneOf(IReadOnlyList<string> matches, string folder) =>
        $"one of {Quoting.List(matches.Select(match => Below(folder, match)))}, in its own letter case";

    private static string Below(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    /// <summary>Helps where the folder that was given is the one around a release.</summary>
    private string OtherRelease()
    {
        string? inner = Directory.EnumerateDirectories(folder)
            .FirstOrDefault(below => File.Exists(Path.Combine(below, schema.MetaFile)));
        return inner is null ? "" : $"; there is a release in '{inner}'";
    }
}
