namespace Derm7pt.MLNet.Tests;

/// <summary>Finds the folder of the solution.</summary>
internal static class RepositoryFolder
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Derm7pt.MLNet.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No Derm7pt.MLNet.sln above {AppContext.BaseDirectory}.");
    }
}
