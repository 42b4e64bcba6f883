using System.Globalization;
using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>
/// Changes to the text of a component's file for Elyra that clients with narrow ideas of it need. The file is read twice: as it is, for the
/// palette, and as what Python makes of it between three quotes, for an export; both must go on meaning the same.
/// </summary>
public static class ElyraText
{
    private const string NameKey = "name: ";

    /// <summary>Without line breaks and control characters; several blanks are one.</summary>
    public static string OneLine(string text) => ClientInterface.OneLine(text);

    /// <summary>The file with another name for the palette.</summary>
    /// <param name="name">Without quotes, backslashes and control characters.</param>
    public static string Named(string yaml, string name)
    {
        var end = yaml.IndexOf('\n', StringComparison.Ordinal);
        return yaml.StartsWith(NameKey, StringComparison.Ordinal) && end > 0 ? $"{NameKey}{YamlText.Scalar(name)}{yaml[end..]}" : yaml;
    }

    /// <summary>
    /// The file in ASCII, for clients that read it in another encoding than it has. What is not ASCII is written with escapes of double
    /// quotes, which Python and YAML have in common.
    /// </summary>
    public static string Ascii(string yaml)
    {
        if (yaml.All(char.IsAscii))
            return yaml;
        var lines = yaml.Split('\n');
        var text = new StringBuilder(yaml.Length * 2);
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index];
            var block = BlockOf(lines, index);
            if (block.Count > 0 && block.Exists(part => !part.All(char.IsAscii)))
            {
                var head = line[..line.LastIndexOf('|')];
                var whole = string.Join('\n', block) + (line.EndsWith('-') ? "" : "\n");
                text.Append(head).Append(Quoted(whole));
            }
            else
            {
                text.Append(AsciiLine(line));
                foreach (var part in lines.AsSpan(index + 1, block.Count))
                    text.Append('\n').Append(part);
            }
            index += block.Count;
            if (index < lines.Length - 1)
                text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The lines of a literal block that begins on this line, without their margin; none when none does.</summary>
    private static List<string> BlockOf(string[] lines, int index)
    {
        if (!lines[index].EndsWith(" |", StringComparison.Ordinal) && !lines[index].EndsWith(" |-", StringComparison.Ordinal))
            return [];
        var margin = index + 1 < lines.Length ? lines[index + 1].Length - lines[index + 1].TrimStart(' ').Length : 0;
        return [.. lines.Skip(index + 1).TakeWhile(line => line.Length == 0 || (margin > 0 && line.StartsWith(new string(' ', margin), StringComparison.Ordinal)))
            .Select(line => line.Length == 0 ? "" : line[margin..])];
    }

    /// <summary>Outside of blocks every text that is not ASCII stands in quotes.</summary>
    private static string AsciiLine(string line)
    {
        if (line.All(char.IsAscii))
            return line;
        // No escape means a quote to both readers. What is only shown, or typed into a form where Elyra makes the same of it, has the other quote.
        var isShown = line.TrimStart(' ', '-') is var key && (key.StartsWith("description: ", StringComparison.Ordinal) || key.StartsWith("default: ", StringComparison.Ordinal));
        var text = new StringBuilder();
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] is not ('\'' or '"'))
            {
                text.Append(line[at]);
                continue;
            }
            var (quote, content) = (line[at], new StringBuilder());
            for (at++; at < line.Length; at++)
            {
                if (line[at] == quote && quote == '\'' && at + 1 < line.Length && line[at + 1] == quote)
                    at++;
                else if (line[at] == quote)
                    break;
                content.Append(line[at]);
            }
            var scalar = content.ToString();
            _ = (quote, scalar.All(char.IsAscii)) switch
            {
                ('\'', true) => text.Append('\'').Append(scalar.Replace("'", "''", StringComparison.Ordinal)).Append('\''),
                ('\'', false) => text.Append(Quoted(isShown ? scalar.Replace('"', '\'') : scalar)),
                _ => text.Append('"').Append(Escaped(scalar)).Append('"'),
            };
        }
        return text.ToString();
    }

    /// <summary>A scalar in double quotes. Backslashes of the file are doubled already, for Python; YAML wants each of these doubled again.</summary>
    private static string Quoted(string scalar) => "\"" + Escaped(scalar
        .Replace("\\\"\\\"\\\"", "\"\"\"", StringComparison.Ordinal)
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\\x22", StringComparison.Ordinal)
        .Replace("\t", "\\\\t", StringComparison.Ordinal)
        .Replace("\n", "\\\\n", StringComparison.Ordinal)) + "\"";

    private static string Escaped(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value switch
    {
        < 0x80 => rune.ToString(),
        <= 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
    }));
}
