using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using SkiaSharp;

namespace Derm7pt.MLNet.Tests.Releases;

/// <summary>A valid release of six cases in a separate folder, which a test changes before it is written and read.</summary>
internal sealed class TinyRelease : IDisposable
{
    private static readonly string[] Columns =
    [
        "case_num", "diagnosis", "seven_point_score", "pigment_network", "streaks", "pigmentation", "regression_structures",
        "dots_and_globules", "blue_whitish_veil", "vascular_structures", "level_of_diagnostic_difficulty", "elevation", "location",
        "sex", "management", "clinic", "derm", "case_id", "notes",
    ];

    public TinyRelease()
    {
        Folder = Directory.CreateTempSubdirectory("tiny-release-").FullName;
        Lines.Add(string.Join(',', Columns));

        // In the first case every criterion has a label with a score; in the other cases the scores are 0.
        Lines.Add(
            "1,melanoma (in situ),10,atypical,irregular,localized irregular,blue areas,irregular,present,dotted,"
            + "high,nodular,back,male,excision,A/clinic1.jpg,A/derm1.jpg,,");
        for (int number = 2; number <= 6; number++)
        {
            Lines.Add(
                $"{number},clark nevus,0,typical,absent,absent,absent,regular,absent,absent,"
                + $"low,flat,arm,female,no further examination,B/clinic{number}.jpg,B/derm{number}.jpg,,");
        }

        foreach (string folder in new[] { "A", "B" })
        {
            for (int number = 1; number <= 6; number++)
            {
                if ((folder == "A") == (number == 1))
                    Images.AddRange([$"images/{folder}/clinic{number}.jpg", $"images/{folder}/derm{number}.jpg"]);
            }
        }
    }

    public string Folder { get; }

    /// <summary>The lines of meta.csv; line 0 is the header, and line i the case numbered i.</summary>
    public List<string> Lines { get; } = [];

    public List<string> Train { get; } = ["indexes", "0", "2", "1"];

    public List<string> Validation { get; } = ["indexes", "3", "4"];

    public List<string> Test { get; } = ["indexes", "5"];

    /// <summary>The image files, relative to the release's folder.</summary>
    public List<string> Images { get; } = [];

    /// <summary>The bytes before the text of meta.csv, such as a byte order mark.</summary>
    public string Prefix { get; set; } = "";

    public string NewLine { get; set; } = "\n";

    /// <summary>Files that are not written.</summary>
    public HashSet<string> Absent { get; } = [];

    /// <summary>Sets one field of a case. The value must include the quotes that it needs in CSV.</summary>
    public TinyRelease Set(int line, string column, string value)
    {
        string[] fields = Lines[line].Split(',');
        fields[Array.IndexOf(Columns, column)] = value;
        Lines[line] = string.Join(',', fields);
        return this;
    }

    public TinyRelease Write()
    {
        WriteLines("meta/meta.csv", Lines, Prefix);
        WriteLines("meta/train_indexes.csv", Train);
        WriteLines("meta/valid_indexes.csv", Validation);
        WriteLines("meta/test_indexes.csv", Test);
        foreach (string image in Images)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, image))!);
            File.WriteAllBytes(Path.Combine(Folder, image), Picture(image));
        }

        return this;
    }

    public Derm7ptRelease Read(Taxonomy? taxonomy = null) => new MLContext(seed: 1).Data.LoadDerm7pt(Folder, taxonomy);

    public Derm7ptRelease Read(Derm7ptRelease.Options options) => new MLContext(seed: 1).Data.LoadDerm7pt(Folder, options);

    /// <summary>Writes and reads the release and returns the problems that were reported, one per line.</summary>
    public string Problems()
    {
        Derm7ptReleaseException e = Assert.ThrowsExactly<Derm7ptReleaseException>(() => Write().Read());
        return string.Join('\n', e.Problems);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Draws a small picture that is different for each name.</summary>
    public static byte[] Picture(string name)
    {
        using var bitmap = new SKBitmap(4, 4);
        bitmap.Erase(new SKColor(BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(name))) | 0xFF000000));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private void WriteLines(string file, List<string> lines, string prefix = "")
    {
        if (Absent.Contains(file))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, file))!);
        File.WriteAllText(Path.Combine(Folder, file), prefix + string.Concat(lines.Select(line => line + NewLine)));
    }
}
