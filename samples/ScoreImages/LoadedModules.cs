using System.Diagnostics;

namespace ScoreImages;

/// <summary>Inspects the modules that this process has loaded.</summary>
internal static class LoadedModules
{
    /// <summary>Whether any native library or assembly has "torch" in its name.</summary>
    public static string Describe()
    {
        using var process = Process.GetCurrentProcess();
        string[] modules =
        [
            .. process.Modules.Cast<ProcessModule>().Select(module => module.ModuleName)
                .Concat(AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name ?? ""))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        string[] torch = [.. modules.Where(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase))];
        return torch.Length == 0
            ? $"None of the {modules.Length} loaded modules has 'torch' in its name; the process uses {process.WorkingSet64 >> 20} MB."
            : $"Of the {modules.Length} loaded modules these have 'torch' in their names: {string.Join(", ", torch)}.";
    }
}
