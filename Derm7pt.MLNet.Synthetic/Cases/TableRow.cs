using System.Globalization;

namespace Derm7pt.MLNet.Synthetic;

/// <summary>The values of one row of the table, by column, and where the case's pictures lie.</summary>
internal sealed class TableRow
{
    /// <summary>The real release's folders hold a few dozen pictures each; its reader must join paths, not list one folder.</summary>
    private const int CasesPerFolder = 40;

    private static readonly string[] Difficulties = ["low", "low", "medium", "medium", "high"];
    private static readonly string[] Elevations = ["flat", "palpable", "palpable", "nodular"];
    private static readonly string[] Sexes = ["female", "male"];

    private static readonly string[] Locations =
        ["abdomen", "acral", "back", "back", "buttocks", "chest", "genital areas", "head neck", "lower limbs", "lower limbs", "upper limbs"];

    // Invented remarks; some need quoting in a CSV file, because the real ones do too.
    private static readonly string[] Notes =
    [
        "",
        "",
        "",
        "synthetic picture",
        "drawn, not photographed",
        "so-called \"ugly duckling\", drawn",
        "border drawn at random; compare rows above, below",
        "\"synthetic\"",
    ];

    private readonly Dictionary<string, string> _values;

    public TableRow(SyntheticCase own)
    {
        Taxonomy taxonomy = Taxonomy.Derm7pt;
        Randomness random = Randomness.For(own.Seed, "table");
        bool melanoma = own.Labels[taxonomy.DiagnosisIndex] == (int)Diagnosis.Melanoma;
        int score = taxonomy.SevenPointScore([.. own.Labels]);
        string folder = string.Create(CultureInfo.InvariantCulture, $"S{(char)('A' + (own.Row / CasesPerFolder / 26 % 26))}{(char)('A' + (own.Row / CasesPerFolder % 26))}");
        (Clinic, ClinicOnDisk) = Names(folder, (2 * own.Row) + 1, random);
        (Derm, DermOnDisk) = Names(folder, (2 * own.Row) + 2, random);

        _values = new Dictionary<string, string>
        {
            ["case_num"] = Number(own.Row + 1),
            ["seven_point_score"] = Number(score),
            ["level_of_diagnostic_difficulty"] = random.Pick(Difficulties),
            ["elevation"] = random.Pick(Elevations),
            ["location"] = random.Pick(Locations),
            ["sex"] = random.Pick(Sexes),
            ["management"] = melanoma || score >= 3 ? "excision" : random.Chance(0.5) ? "clinical follow up" : "no further examination",
            ["clinic"] = Clinic,
            ["derm"] = Derm,
            ["case_id"] = random.Chance(0.3) ? "" : Invariant($"{folder}-{own.Row + 1:0000}"),
            ["notes"] = random.Pick(Notes),
        };
        for (int task = 0; task < taxonomy.Tasks.Count; task++)
            _values[taxonomy.Tasks[task].Column] = Prevalence.RawValue(taxonomy.Tasks[task], own.Labels[task], own.Seed);
    }

    /// <summary>The clinical picture as the table names it, below the folder of images.</summary>
    public string Clinic { get; }

    /// <summary>The clinical picture as the file is called; may differ from the table in letter case.</summary>
    public string ClinicOnDisk { get; }

    /// <summary>The dermoscopic picture as the table names it.</summary>
    public string Derm { get; }

    /// <summary>The dermoscopic picture as the file is called.</summary>
    public string DermOnDisk { get; }

    public string this[string column] => _values[column];

    private static (string InTable, string OnDisk) Names(string folder, int number, Randomness random)
    {
        // Three letters and a number that occurs once, so that names stay distinct on systems that ignore letter case.
        string stem = Invariant($"{folder[0]}{(random.Chance(0.5) ? folder[1..] : folder[1..].ToLowerInvariant())}{number:0000}");
        string inTable = $"{stem}{(random.Chance(0.35) ? ".JPG" : ".jpg")}";
        string onDisk = random.Whole(0, 9) switch
        {
            0 => inTable.ToUpperInvariant(),
            1 => inTable.ToLowerInvariant(),
            _ => inTable,
        };
        return ($"{folder}/{inTable}", $"{folder}/{onDisk}");
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
