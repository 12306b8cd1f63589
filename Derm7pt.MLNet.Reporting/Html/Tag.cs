using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using System.Xml.Linq;

namespace Derm7pt.MLNet.Reporting.Html;

/// <summary>Creates HTML as a tree, so that all text is encoded.</summary>
internal static class Tag
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private static readonly HashSet<string> WithoutEnd = ["br", "hr", "img", "input", "link", "meta"];

    /// <summary>Creates an element.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">The attributes as pairs, which are omitted if their value is null, and the children: text or nodes.</param>
    public static XElement Of(string name, params object?[] content)
    {
        var element = new XElement(name);
        foreach (object? item in content)
        {
            if (item is (string attribute, var value))
                element.SetAttributeValue(attribute, value);
            else
                element.Add(item);
        }

        return element;
    }

    public static string Text(IEnumerable<XNode> nodes)
    {
        var text = new StringBuilder();
        foreach (XNode node in nodes)
            Append(text, node);
        return text.ToString();
    }

    /// <summary>Encodes text for use between tags or in a quoted attribute.</summary>
    public static string Encode(string text) => Encoder.Encode(text);

    private static void Append(StringBuilder text, XNode node)
    {
        if (node is XText plain)
        {
            text.Append(Encode(plain.Value));
            return;
        }

        if (node is not XElement element)
            return;
        // HTML has no namespaces; browsers recognize inline SVG by its element names.
        string name = element.Name.LocalName;
        text.Append('<').Append(name);
        foreach (XAttribute attribute in element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration))
            text.Append(' ').Append(attribute.Name.LocalName).Append("=\"").Append(Encode(attribute.Value)).Append('"');
        text.Append('>');
        if (WithoutEnd.Contains(name))
            return;
        foreach (XNode child in element.Nodes())
            Append(text, child);
        text.Append("</").Append(name).Append('>');
        if (name is "tr" or "table" or "section" or "figure" or "div" or "svg")
            text.Append('\n');
    }
}
