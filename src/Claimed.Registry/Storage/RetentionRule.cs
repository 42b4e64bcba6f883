using System.IO.Enumeration;
using Claimed.Registry.Http;

namespace Claimed.Registry.Storage;

/// <summary>
/// Which tags of a namespace stay. A tag that rules cover goes once none of them keeps it; one that no rule covers stays.
/// </summary>
/// <param name="Repositories">Pattern of the names of repositories, without the namespace: <c>*</c> stands for any characters, slashes too, <c>?</c> for one.</param>
/// <param name="Tags">Pattern of the tags.</param>
/// <param name="KeepLast">Of each repository, the tags that were pushed last stay; null does not count.</param>
/// <param name="KeepFor">Tags stay as long as this after their push, such as <c>30d</c>; null keeps none for their age.</param>
public sealed record RetentionRule(string Repositories, string Tags, int? KeepLast, string? KeepFor)
{
    /// <summary>The patterns cover this tag.</summary>
    public bool Covers(string tag) => FileSystemName.MatchesSimpleExpression(Tags, tag, ignoreCase: false);

    public bool CoversRepository(string name) => FileSystemName.MatchesSimpleExpression(Repositories, name, ignoreCase: false);

    /// <summary>Unix milliseconds from which on a push counts as young; null when age keeps nothing.</summary>
    public long? YoungSince(long now) => KeepFor is { } text && Durations.Read(text) is { } age ? now - (long)age.TotalMilliseconds : null;

    /// <summary>The rules as they are stored; none for null.</summary>
    public static IReadOnlyList<RetentionRule> Read(string? json) => json is null ? [] : Json.Read<RetentionRule[]>(json);

    /// <summary>As they are stored: null for none.</summary>
    public static string? Write(IReadOnlyList<RetentionRule> rules) => rules.Count == 0 ? null : Json.Write(rules);
}
