using System.Collections.Frozen;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Access;

/// <summary>The private namespaces that a caller sees. Callers who see the same have the same key, and share answers.</summary>
public sealed class Sight
{
    /// <summary>What is public, and nothing else.</summary>
    public static readonly Sight Public = new("", FrozenSet<string>.Empty, SubjectPattern.All);

    private readonly FrozenSet<string>? _spaces;
    private readonly SubjectPattern _pattern;

    private Sight(string key, FrozenSet<string>? spaces, SubjectPattern pattern)
    {
        Key = key;
        _spaces = spaces;
        _pattern = pattern;
    }

    /// <summary>Empty for the public.</summary>
    public string Key { get; }

    public bool IsPublic => Key.Length == 0;

    /// <summary>Everything there is.</summary>
    public static Sight Everything { get; } = new("*", null, SubjectPattern.All);

    public static Sight Of(IReadOnlyCollection<string> spaces, SubjectPattern pattern) => spaces.Count == 0
        ? Public
        : new Sight($"{string.Join(',', spaces.Order(StringComparer.Ordinal))} {pattern}", spaces.ToFrozenSet(StringComparer.Ordinal), pattern);

    public bool Sees(NamespaceEntry space) => !space.IsPrivate || _spaces is null || _spaces.Contains(space.Name);

    /// <param name="name">Of a component, or the rest of a repository's name.</param>
    public bool Sees(NamespaceEntry space, string name) => !space.IsPrivate || _spaces is null || (_spaces.Contains(space.Name) && _pattern.Covers(space.Name, name));
}
