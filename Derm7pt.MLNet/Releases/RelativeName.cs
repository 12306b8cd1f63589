namespace Derm7pt.MLNet.Releases;

/// <summary>Takes a file name that a table gives relative to a folder apart.</summary>
internal static class RelativeName
{
    /// <summary>Splits a name with slashes of either kind into its parts; false where it leads out of its folder.</summary>
    public static bool TrySplit(string name, out IReadOnlyList<string> parts)
    {
        var stack = new List<string>();
        parts = stack;

        // Alike on every system: a drive letter leads out on Linux too.
        if (name.StartsWith('/') || name.StartsWith('\\') || (name.Length > 1 && name[1] == ':' && char.IsAsciiLetter(name[0])))
            return false;
        foreach (string part in name.Split('/', '\\'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                stack.Add(part);
            else if (stack.Count == 0)
                return false;
            else
                stack.RemoveAt(stack.Count - 1);
        }

        return stack.Count > 0;
    }
}
