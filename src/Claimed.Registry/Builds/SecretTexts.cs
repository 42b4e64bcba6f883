using System.Buffers;

namespace Claimed.Registry.Builds;

/// <summary>Texts that no log of a build may show: passwords of the site, tickets. Builds at the same time may share them, so a set knows all.</summary>
public sealed class SecretTexts
{
    /// <summary>What stands in their place.</summary>
    public const string Mask = "***";

    // Shorter ones would tear up words, and keep nobody out.
    private const int Shortest = 4;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private SearchValues<string> _search = SearchValues.Create([], StringComparison.Ordinal);

    /// <summary>Adds texts, each also as it stands in an address and in a Basic header.</summary>
    public void Add(params IEnumerable<string?> texts) => Change(texts, one => _texts.Add(one));

    /// <summary>Forgets texts that open nothing any more.</summary>
    public void Remove(params IEnumerable<string?> texts) => Change(texts, one => _texts.Remove(one));

    private void Change(IEnumerable<string?> texts, Action<string> change)
    {
        lock (_lock)
        {
            foreach (var text in texts)
            {
                if (text is not { Length: >= Shortest })
                    continue;
                change(text);
                change(Uri.EscapeDataString(text));
                change(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)));
            }
            _search = SearchValues.Create([.. _texts], StringComparison.Ordinal);
        }
    }

    /// <summary>How many characters at the end of the text may be the beginning of a secret.</summary>
    public int BegunAtEnd(string text)
    {
        lock (_lock)
        {
            var most = 0;
            foreach (var secret in _texts)
            {
                for (var length = Math.Min(secret.Length - 1, text.Length); length > most; length--)
                {
                    if (text.AsSpan().EndsWith(secret.AsSpan(0, length)))
                        most = length;
                }
            }
            return most;
        }
    }

    /// <summary>The text with every secret replaced.</summary>
    public string Masked(string text)
    {
        if (text.AsSpan().IndexOfAny(_search) < 0)
            return text;
        string[] longestFirst;
        lock (_lock)
            longestFirst = [.. _texts.OrderByDescending(secret => secret.Length)];
        foreach (var secret in longestFirst)
            text = text.Replace(secret, Mask, StringComparison.Ordinal);
        return text;
    }
}
