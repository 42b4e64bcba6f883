using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Images;

/// <summary>An image reference in parts, completed as docker does: no host means docker.io, no tag and no digest means <c>latest</c>.</summary>
/// <param name="Host"><c>host[:port]</c>.</param>
/// <param name="Repository">With <c>library/</c> for the official images of docker.io.</param>
/// <param name="Tag">Null when only a digest was given.</param>
/// <param name="Digest">Wins over the tag.</param>
public sealed partial record ImageName(string Host, string Repository, string? Tag, string? Digest)
{
    public const string DockerHub = "docker.io";

    /// <summary>What a registry is asked for.</summary>
    public string Reference => Digest ?? Tag!;

    public string Pinned(string digest) => $"{Host}/{Repository}@{digest}";

    public override string ToString() => $"{Host}/{Repository}{(Tag is null ? "" : ":" + Tag)}{(Digest is null ? "" : "@" + Digest)}";

    /// <summary>Whether the text is <c>host[:port]</c>.</summary>
    public static bool IsHost(string text) => HostGrammar.IsMatch(text) && Uri.TryCreate("https://" + text, UriKind.Absolute, out _);

    public static bool TryParse(string text, [NotNullWhen(true)] out ImageName? name)
    {
        name = null;
        var at = text.IndexOf('@');
        var digest = at < 0 ? null : text[(at + 1)..];
        var rest = at < 0 ? text : text[..at];
        var colon = rest.LastIndexOf(':');
        var tag = colon > rest.LastIndexOf('/') ? rest[(colon + 1)..] : null;
        if (tag is not null)
            rest = rest[..colon];
        var slash = rest.IndexOf('/');
        var first = slash < 0 ? "" : rest[..slash];
        var hasHost = first.Contains('.') || first.Contains(':') || first == "localhost";
        var host = !hasHost || first == "index.docker.io" ? DockerHub : first;
        var repository = hasHost ? rest[(slash + 1)..] : rest;
        if (host == DockerHub && !repository.Contains('/'))
            repository = "library/" + repository;
        if (!IsHost(host) || repository.Length > ImageNames.MaxRepositoryLength || !RepositoryGrammar.IsMatch(repository)
            || (tag is not null && !ImageNames.IsTag(tag)) || (digest is not null && !Storage.Digest.IsKnown(digest)))
            return false;
        name = new ImageName(host, repository, tag ?? (digest is null ? "latest" : null), digest);
        return true;
    }

    [GeneratedRegex(@"\A([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostGrammar { get; }

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RepositoryGrammar { get; }
}
