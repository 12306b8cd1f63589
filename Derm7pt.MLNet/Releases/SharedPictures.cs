using System.Security.Cryptography;

namespace Derm7pt.MLNet.Releases;

/// <summary>Finds files with the same content.</summary>
internal static class SharedPictures
{
    /// <summary>Groups those whose files have the same bytes, or are one file; groups of one are left out.</summary>
    /// <param name="items">What to group.</param>
    /// <param name="path">The file of an item.</param>
    /// <param name="readFiles">Whether to compare contents; otherwise only paths are compared, whatever their letter case.</param>
    public static IEnumerable<IReadOnlyList<T>> Group<T>(IEnumerable<T> items, Func<T, string> path, bool readFiles)
    {
        StringComparer comparer = readFiles ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
        T[][] byPath = [.. items.GroupBy(path, comparer).Select(group => group.ToArray())];
        IEnumerable<T[]> groups = readFiles ? JoinEqualFiles(byPath, files => path(files[0])) : byPath;
        return groups.Where(group => group.Length > 1);
    }

    private static IEnumerable<T[]> JoinEqualFiles<T>(T[][] groups, Func<T[], string> path)
    {
        // Photographs of the same length are rare, so hardly any has to be read.
        foreach (IGrouping<long, T[]> sameLength in groups.GroupBy(group => Length(path(group))))
        {
            if (sameLength.Key < 0 || sameLength.Count() == 1)
            {
                foreach (T[] group in sameLength)
                    yield return group;
                continue;
            }

            foreach (IGrouping<string, T[]> sameBytes in sameLength.GroupBy(group => Hash(path(group))))
                yield return [.. sameBytes.SelectMany(group => group)];
        }
    }

    private static long Length(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    /// <summary>The content's hash, or what no other file has where it cannot be read: another check reports that.</summary>
    private static string Hash(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return Convert.ToHexString(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return file;
        }
    }
}
