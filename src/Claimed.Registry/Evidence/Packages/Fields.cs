namespace Claimed.Registry.Evidence.Packages;

/// <summary>Lines <c>Name: value</c>, as dpkg, apk, pip and R keep their records; lines that begin with a space go on.</summary>
internal sealed class Fields
{
    // Records have a few dozen.
    private const int MaxFields = 200;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>The value of a field, its first line alone; null without it.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>The first record: all lines before an empty one.</summary>
    public static Fields First(string text) => Stanzas(text).FirstOrDefault() ?? new Fields();

    /// <summary>The records, with empty lines between them.</summary>
    public static IEnumerable<Fields> Stanzas(string text)
    {
        var current = new Fields();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var found and >= 0 ? found : text.Length;
            var line = text.AsSpan(start, end - start).TrimEnd('\r');
            start = end + 1;
            if (line.IsWhiteSpace())
            {
                if (current._values.Count > 0)
                    yield return current;
                current = new Fields();
            }
            else if (line[0] is not (' ' or '\t') && line.IndexOf(':') is var colon and > 0 && current._values.Count < MaxFields)
            {
                // The first counts, as it does for the programs that write these.
                current._values.TryAdd(line[..colon].ToString(), line[(colon + 1)..].Trim().ToString());
            }
        }
        if (current._values.Count > 0)
            yield return current;
    }
}
