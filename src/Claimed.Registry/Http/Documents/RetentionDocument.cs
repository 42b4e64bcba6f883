using Claimed.Registry.Storage;

namespace Claimed.Registry.Http.Documents;

/// <summary>A rule that says which tags stay. A tag that rules cover goes once none of them keeps it.</summary>
/// <param name="Repositories">Pattern of the repositories' names without the namespace: <c>*</c> stands for any characters, <c>?</c> for one. Without it: all.</param>
/// <param name="Tags">Pattern of the tags. Without it: all.</param>
/// <param name="KeepLast">Of each repository, the tags that were pushed last stay.</param>
/// <param name="KeepFor">A tag stays for this long after its push: <c>12h</c>, <c>30d</c>, <c>8w</c>.</param>
public sealed record RetentionDocument(string? Repositories, string? Tags, int? KeepLast, string? KeepFor)
{
    private const int MostRules = 50;
    private const int MostPatterns = 50;
    private const int LongestRepository = 255;
    private const int LongestTag = 128;
    private const int MostTags = 100_000;
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    public static RetentionDocument From(RetentionRule rule) => new(rule.Repositories, rule.Tags, rule.KeepLast, rule.KeepFor);

    /// <summary>The rules under this name.</summary>
    /// <exception cref="RefusedException">One of them makes no sense.</exception>
    public static IReadOnlyList<RetentionRule> Read(JsonBody asked, string name)
    {
        var rules = asked.Parts(name, "repositories", "tags", "keepLast", "keepFor");
        return rules.Count <= MostRules
            ? [.. rules.Select((rule, index) => Read(rule, name, index))]
            : throw JsonBody.Bad(name, $"has {rules.Count} rules; {MostRules} are the most.");
    }

    /// <summary>Patterns of tags under this name.</summary>
    /// <exception cref="RefusedException">One of them can match no tag.</exception>
    public static IReadOnlyList<string> ReadTags(JsonBody asked, string name)
    {
        var patterns = asked.Words(name);
        if (patterns.Count > MostPatterns)
            throw JsonBody.Bad(name, $"has {patterns.Count} patterns; {MostPatterns} are the most.");
        return [.. patterns.Select(pattern => TagPattern(name, pattern)).Distinct(StringComparer.Ordinal)];
    }

    private static RetentionRule Read(JsonBody rule, string name, int index)
    {
        var at = $"{name}[{index}]";
        var last = rule.Number($"{at}.keepLast");
        if (last is < 1 or > MostTags)
            throw JsonBody.Bad($"{at}.keepLast", $"is from 1 to {MostTags}.");
        var span = rule.Text($"{at}.keepFor");
        if (span is not null && (Durations.Read(span) is not { } age || age < Shortest || age > Longest))
            throw JsonBody.Bad($"{at}.keepFor", $"is {Durations.Rule}; at least 1h, at most {Longest.Days}d.");
        if (last is null && span is null)
            throw JsonBody.Bad(at, "keeps nothing: say keepLast, keepFor or both. A tag that either keeps stays.");
        return new RetentionRule(RepositoryPattern($"{at}.repositories", rule.Text($"{at}.repositories")), TagPattern($"{at}.tags", rule.Text($"{at}.tags") ?? "*"), last, span);
    }

    private static string TagPattern(string name, string pattern) =>
        pattern.Length is > 0 and <= LongestTag && pattern.All(letter => char.IsAsciiLetterOrDigit(letter) || "._-*?".Contains(letter, StringComparison.Ordinal))
            ? pattern
            : throw JsonBody.Bad(name, $"\"{ShownText.Of(pattern, 60)}\" matches no tag: a pattern has 1 to {LongestTag} letters, digits, dots, hyphens and underscores, * for any characters and ? for one.");

    private static string RepositoryPattern(string name, string? pattern) =>
        pattern is null ? "*"
        : pattern.Length <= LongestRepository && pattern.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || "._-/*?".Contains(letter, StringComparison.Ordinal))
            ? pattern
            : throw JsonBody.Bad(name, $"\"{ShownText.Of(pattern, 60)}\" matches no repository: a pattern has 1 to {LongestRepository} lower-case letters, digits, dots, hyphens, underscores and slashes, * for any characters and ? for one. It is held against the name without the namespace.");
}
