using Spectre.Console;

namespace PaperExperiments;

/// <summary>Shows a comparison on the console.</summary>
internal static class SummaryDisplay
{
    public static void Show(IAnsiConsole console, Comparison comparison)
    {
        foreach (TextTable source in SummaryTables.All(comparison))
        {
            Table table = new Table().Title(Markup.Escape(source.Title)).Border(TableBorder.Rounded);
            for (int i = 0; i < source.Header.Count; i++)
            {
                Justify alignment = i < source.NameColumns ? Justify.Left : Justify.Right;
                table.AddColumn(Markup.Escape(source.Header[i]), column => column.Alignment = alignment);
            }

            foreach (IReadOnlyList<string> row in source.Rows)
                table.AddRow([.. row.Select(Markup.Escape)]);
            console.Write(table);
            console.WriteLine();
        }

        foreach (string line in SummaryTables.Introduction(comparison).Concat(SummaryTables.Expectations(comparison)))
            console.WriteLine(line);
    }
}
