using System.Text;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Search;

/// <summary>Where in a component a word stands; the first counts most.</summary>
internal enum SearchWeight
{
    /// <summary>Namespace and name.</summary>
    Name = 1,

    /// <summary>Display name, tags, category, group.</summary>
    Title,

    Description,

    /// <summary>Names, types and descriptions of inputs and outputs.</summary>
    Ports,

    Readme,
}

/// <summary>
/// What a component is found by: its words, each with the best place it stands in. The place is a letter of the word, because both databases
/// look words up alike, while each has weights of its own kind.
/// </summary>
/// <param name="Words">Tokens between spaces, in ordinal order.</param>
/// <param name="Digest">Of the words; empty when some are missing, because they could not be read.</param>
internal sealed record SearchText(long Component, string Words, string Digest)
{
    /// <summary>Raised when components are to be found by other words than before: every index is then made anew.</summary>
    public const int Format = 1;

    /// <summary>Bytes of a README that count.</summary>
    public const int MaxReadme = 64 * 1024;

    // A tsvector holds a megabyte; no component that people wrote comes near this.
    private const int MaxBytes = 384 * 1024;

    /// <summary>Whether some words are missing.</summary>
    public bool IsPartial => Digest.Length == 0;

    /// <param name="readme">Null when the version has none, or it cannot be read.</param>
    public static SearchText Of(ComponentEntry component, VersionEntry? shown, ReadOnlyMemory<byte>? readme)
    {
        var words = new Gathered();
        words.Add(SearchWeight.Name, component.Namespace, component.Name);
        words.Add(SearchWeight.Title, [component.DisplayName, .. component.Tags, component.Category ?? "", component.Group ?? ""]);
        words.Add(SearchWeight.Description, component.Description);
        if (shown?.Definition is { } definition)
        {
            words.Add(SearchWeight.Description, definition.Description);
            foreach (var port in definition.Inputs.Concat(definition.Outputs))
                words.Add(SearchWeight.Ports, port.Name, port.Type, port.Description ?? "");
        }
        if (readme is { } text)
            words.Add(SearchWeight.Readme, Encoding.UTF8.GetString(text.Span[..Math.Min(text.Length, MaxReadme)]));
        var all = words.Whole();
        return new SearchText(component.Id, all, Storage.Digest.Of(all));
    }

    /// <summary>A word of this place as the databases know it.</summary>
    public static string Token(SearchWeight weight, string word) => $"{(char)('a' + (int)weight - 1)}{word}";

    /// <summary>The place that such a word stands in.</summary>
    public static SearchWeight WeightOf(string token) => (SearchWeight)(token[0] - 'a' + 1);

    /// <summary>Words in the making, from the best place to the last.</summary>
    private sealed class Gathered
    {
        private readonly Dictionary<string, SearchWeight> _words = new(StringComparer.Ordinal);
        private int _bytes;

        public void Add(SearchWeight weight, params IReadOnlyList<string> texts)
        {
            foreach (var word in texts.SelectMany(SearchWords.Compounds).SelectMany(SearchWords.Found))
            {
                if (_words.ContainsKey(word))
                    continue;
                _bytes += Encoding.UTF8.GetByteCount(word) + 2;
                if (_bytes > MaxBytes)
                    return;
                _words.Add(word, weight);
            }
        }

        public string Whole() => string.Join(' ', _words.Select(word => Token(word.Value, word.Key)).Order(StringComparer.Ordinal));
    }
}
