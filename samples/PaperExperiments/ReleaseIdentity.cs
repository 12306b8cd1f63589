using System.Security.Cryptography;

namespace PaperExperiments;

/// <summary>Identifies the release of the results by its tables, independently of its path; the images are too many to read.</summary>
internal sealed record ReleaseIdentity(string Hash, bool Synthetic)
{
    private const int HashDigits = 16;

    public static ReleaseIdentity Of(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.GetFiles(Path.Combine(folder, "meta"), "*.csv").Order(StringComparer.Ordinal))
            hash.AppendData(File.ReadAllBytes(file));
        string notice = Path.Combine(folder, "README.txt");
        bool synthetic = File.Exists(notice)
            && File.ReadLines(notice).FirstOrDefault("").StartsWith("SYNTHETIC DATA", StringComparison.Ordinal);
        return new ReleaseIdentity(Convert.ToHexStringLower(hash.GetHashAndReset())[..HashDigits], synthetic);
    }

    public override string ToString() => $"{(Synthetic ? "synthetic release" : "release")}, SHA-256 of its tables {Hash}";
}
