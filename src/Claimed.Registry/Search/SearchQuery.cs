using System.Text;
using Claimed.Registry.Http;

namespace Claimed.Registry.Search;

/// <summary>The words of <c>q</c>: every one must be there, and each may be the beginning of one that is.</summary>
/// <param name="Compounds">Of each: its words, all of which must be there, or the whole that may be there instead.</param>
internal sealed record SearchQuery(IReadOnlyList<(IReadOnlyList<string> Words, string? Whole)> Compounds)
{
    public const int MaxLength = 500;
    public const int MaxWords = 16;

    /// <summary>The words as they count; two queries with the same key find the same.</summary>
    public string Key => string.Join(' ', Compounds.Select(compound => string.Join('-', compound.Words)));

    /// <summary>Null when there is no word in it, which asks for nothing.</summary>
    /// <exception cref="RefusedException">It is too long.</exception>
    public static SearchQuery? Read(string? q)
    {
        if (q is null)
            return null;
        if (q.Length > MaxLength)
            throw PageQuery.BadQuery($"q has {q.Length} characters; use at most {MaxLength}.");
        var compounds = SearchWords.Compounds(q).Select(compound => (Words: SearchWords.Asked(compound), Whole: SearchWords.Whole(compound)))
            .DistinctBy(compound => string.Join('-', compound.Words), StringComparer.Ordinal).ToList();
        if (compounds.Sum(compound => compound.Words.Count) is > MaxWords and var count)
            throw PageQuery.BadQuery($"q has {count} words; use at most {MaxWords}.");
        return compounds.Count == 0 ? null : new SearchQuery(compounds);
    }

    /// <summary>
    /// The query in a language of a database that has <c>and</c>, <c>or</c>, parentheses and prefixes: documents that have all of it in places of this
    /// weight or better. Words are letters and digits, so none can be taken for anything else.
    /// </summary>
    public string Text(SearchWeight worst, string and, string or, Func<string, string> prefix)
    {
        string Word(string word) => Any(Enum.GetValues<SearchWeight>().Where(weight => weight <= worst).Select(weight => prefix(SearchText.Token(weight, word))));
        string Any(IEnumerable<string> alternatives) => $"({string.Join(or, alternatives)})";
        var text = new StringBuilder();
        foreach (var (words, whole) in Compounds)
        {
            var all = $"({string.Join(and, words.Select(Word))})";
            text.Append(text.Length > 0 ? and : "").Append(whole is null ? all : Any([all, Word(whole)]));
        }
        return text.ToString();
    }

    /// <summary>The worst of the best places where the words stand in what is indexed of a component; null when one is missing.</summary>
    /// <param name="tokens">As in <see cref="SearchText.Words"/>, in any order.</param>
    public SearchWeight? WeightOf(string tokens)
    {
        var known = tokens.Split(' ');
        SearchWeight? worst = SearchWeight.Name;
        foreach (var (words, whole) in Compounds)
        {
            SearchWeight? all = SearchWeight.Name;
            foreach (var word in words)
                all = Later(all, Best(known, word));
            var best = whole is null ? all : Earlier(all, Best(known, whole));
            worst = Later(worst, best);
        }
        return worst;
    }

    private static SearchWeight? Best(string[] tokens, string word)
    {
        SearchWeight? best = null;
        foreach (var token in tokens)
        {
            if (token.AsSpan(1).StartsWith(word, StringComparison.Ordinal))
                best = Earlier(best, SearchText.WeightOf(token));
        }
        return best;
    }

    private static SearchWeight? Later(SearchWeight? one, SearchWeight? other) => one is { } first && other is { } second ? (SearchWeight)Math.Max((int)first, (int)second) : null;

    private static SearchWeight? Earlier(SearchWeight? one, SearchWeight? other) => one is { } first && other is { } second ? (SearchWeight)Math.Min((int)first, (int)second) : one ?? other;
}
