using System.Text;

namespace Derm7pt.MLNet.Reporting.Files;

/// <summary>Writes files to a folder so that a crash or a full disk leaves the last valid versions in place.</summary>
internal static class ReportFolder
{
    // Byte order marks confuse readers of CSV and JSON.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes all files next to the folder, and then moves them into it.</summary>
    /// <param name="folder">The folder, which is created if it does not exist. Other files in it are not changed.</param>
    /// <param name="files">The names and contents, which are created one by one. The first file is moved last.</param>
    public static void Write(string folder, IEnumerable<(string Name, string Content)> files)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.GetDirectoryName(target) is { } parent)
            Directory.CreateDirectory(parent);
        string temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            var names = new List<string>();
            foreach ((string name, string content) in files)
            {
                File.WriteAllText(Path.Combine(temporary, name), content, Utf8);
                names.Add(name);
            }

            Directory.CreateDirectory(target);
            foreach (string name in names.Skip(1).Concat(names.Take(1)))
                File.Move(Path.Combine(temporary, name), Path.Combine(target, name), overwrite: true);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }
}
