using System.Diagnostics.CodeAnalysis;

namespace Claimed.Registry.Access;

/// <summary>What a token may do, where its pattern and its owner's role let it.</summary>
[Flags]
public enum Scopes
{
    None = 0,

    /// <summary>Read what is private, and pull images.</summary>
    Pull = 1,

    /// <summary>Push and delete images that are not those of components.</summary>
    Push = 2,

    /// <summary>Publish versions, move channels, change how components show themselves, cancel and retry builds.</summary>
    Publish = 4,

    /// <summary>Yank and deprecate versions.</summary>
    Yank = 8,

    /// <summary>Members, visibility, trust rules and tokens of namespaces.</summary>
    Manage = 16,

    /// <summary>What administrators do.</summary>
    Admin = 32,

    All = Pull | Push | Publish | Yank | Manage | Admin,
}

/// <summary>Scopes as words: <c>pull push publish yank manage admin</c>.</summary>
public static class ScopeWords
{
    private static readonly Scopes[] Each = [Scopes.Pull, Scopes.Push, Scopes.Publish, Scopes.Yank, Scopes.Manage, Scopes.Admin];

    public static readonly IReadOnlyList<string> Known = [.. Each.Select(Word)];

    public static IReadOnlyList<string> Of(Scopes scopes) => [.. Each.Where(scope => scopes.HasFlag(scope)).Select(Word)];

    /// <summary>False when a word is none of them; then <paramref name="unknown"/> is it.</summary>
    public static bool TryRead(IEnumerable<string> words, out Scopes scopes, [NotNullWhen(false)] out string? unknown)
    {
        (scopes, unknown) = (Scopes.None, null);
        foreach (var word in words)
        {
            if (Each.FirstOrDefault(scope => Word(scope) == word) is not (not Scopes.None and var found))
            {
                unknown = word;
                return false;
            }
            scopes |= found;
        }
        return true;
    }

    private static string Word(Scopes scope) => scope.ToString().ToLowerInvariant();
}
