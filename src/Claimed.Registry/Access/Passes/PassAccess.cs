namespace Claimed.Registry.Access.Passes;

/// <summary>What a pass opens: the actions that were asked for, and were the caller's to ask for, by repository.</summary>
/// <param name="Type"><c>repository</c>.</param>
/// <param name="Actions"><c>pull</c>, <c>push</c>, <c>delete</c>.</param>
public sealed record PassAccess(string Type, string Name, IReadOnlyList<string> Actions)
{
    public const string Repository = "repository";
    public const string Pull = "pull";
    public const string Push = "push";
    public const string Delete = "delete";

    /// <summary>Everything that may be done to a repository.</summary>
    public const string Everything = "*";

    // Clients ask for what they do next; thousands would make headers that no proxy lets through.
    private const int MostScopes = 32;
    private const int MostName = 300;

    /// <summary>Reads <c>scope=repository:acme/tool:pull,push</c>, repeated or with spaces between; what cannot be read asks for nothing.</summary>
    public static IReadOnlyList<PassAccess> Read(IEnumerable<string?> scopes) => [.. scopes.OfType<string>()
        .SelectMany(scope => scope.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(Parse).OfType<PassAccess>().Take(MostScopes)];

    private static PassAccess? Parse(string scope)
    {
        // A name may hold a colon, as that of a host's port.
        var (first, last) = (scope.IndexOf(':'), scope.LastIndexOf(':'));
        if (first < 0 || last <= first + 1 || last > MostName || scope[..first] != Repository)
            return null;
        var actions = scope[(last + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        return new PassAccess(Repository, scope[(first + 1)..last], actions);
    }
}
