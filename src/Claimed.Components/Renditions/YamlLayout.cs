using System.Collections;
using System.Globalization;
using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>A mapping to be written as YAML, in the order of its entries; what is null or empty is left out.</summary>
internal sealed class YamlMap : IEnumerable<KeyValuePair<string, object>>
{
    private readonly List<KeyValuePair<string, object>> _entries = [];

    public int Count => _entries.Count;

    public void Add(string key, object? value)
    {
        if (value is null or YamlMap { Count: 0 } or ICollection { Count: 0 })
            return;
        _entries.Add(KeyValuePair.Create(key, value));
    }

    /// <summary>For what says something by being there, though nothing stands in it.</summary>
    public void AddEvenEmpty(string key, object value) => _entries.Add(KeyValuePair.Create(key, value));

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A scalar that stands as it is: a number, <c>true</c>, <c>null</c>.</summary>
internal sealed record YamlBare(string Text)
{
    public static readonly YamlBare True = new("true");
    public static readonly YamlBare False = new("false");
    public static readonly YamlBare Null = new("null");

    public static YamlBare Of(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number that every reader takes for a floating one: YAML 1.1 wants a point and a signed exponent.</summary>
    public static YamlBare Of(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var (digits, exponent) = mark < 0 ? (text, "") : (text[..mark], "e" + text[(mark + 1)..]);
        return new((digits.Contains('.') ? digits : digits + ".0") + exponent);
    }
}

/// <summary>A text with a remark for people behind it, on its line.</summary>
internal sealed record YamlRemarked(string Text, string Remark);

/// <summary>Writes trees of <see cref="YamlMap"/>, lists, texts and bare scalars in block style. Every text comes back as text from YAML 1.1 and 1.2.</summary>
internal static class YamlLayout
{
    public static string Write(YamlMap map)
    {
        var yaml = new StringBuilder();
        WriteMap(yaml, map, 0);
        return yaml.ToString();
    }

    /// <summary>Lines for people: each begins with <c>#</c>, and no text can leave it.</summary>
    public static string Comment(params IEnumerable<string> lines) =>
        string.Concat(lines.Select(line => $"# {ClientInterface.OneLine(line)}".TrimEnd() + "\n"));

    private static void WriteMap(StringBuilder yaml, YamlMap map, int indent, bool continuesLine = false)
    {
        foreach (var (key, value) in map)
        {
            if (!continuesLine)
                yaml.Append(' ', indent);
            continuesLine = false;
            yaml.Append(YamlText.Scalar(key)).Append(':');
            WriteValue(yaml, value, indent, isItem: false);
        }
    }

    private static void WriteValue(StringBuilder yaml, object value, int indent, bool isItem)
    {
        switch (value)
        {
            case YamlMap { Count: 0 }:
                yaml.Append(" {}\n");
                break;
            case YamlMap map when isItem:
                yaml.Append(' ');
                WriteMap(yaml, map, indent + 2, continuesLine: true);
                break;
            case YamlMap map:
                yaml.Append('\n');
                WriteMap(yaml, map, indent + 2);
                break;
            case string text:
                yaml.Append(' ').Append(YamlText.Block(text, indent + 2)).Append('\n');
                break;
            case YamlRemarked remarked:
                yaml.Append(' ').Append(YamlText.Scalar(remarked.Text)).Append("  ").Append(Comment(remarked.Remark));
                break;
            case YamlBare bare:
                yaml.Append(' ').Append(bare.Text).Append('\n');
                break;
            case IEnumerable list:
                WriteList(yaml, list, isItem ? indent + 2 : indent);
                break;
            default:
                throw new ArgumentException($"A {value.GetType().Name} has no place in a YAML file.", nameof(value));
        }
    }

    private static void WriteList(StringBuilder yaml, IEnumerable list, int indent)
    {
        var items = list.Cast<object>().ToList();
        yaml.Append(items.Count == 0 ? " []\n" : "\n");
        foreach (var item in items)
        {
            yaml.Append(' ', indent).Append('-');
            WriteValue(yaml, item, indent, isItem: true);
        }
    }
}
