using System.Text.RegularExpressions;

namespace Claimed.Components;

/// <summary>References such as <c>host:5000/team/tool:1.2@sha256:…</c>, by the grammar of the distribution specification.</summary>
/// <param name="Host">Registry with port; null when the reference names none (the engine's default registry).</param>
/// <param name="Repository">Path below the host.</param>
/// <param name="Tag">Null when absent.</param>
/// <param name="Digest">Null when absent.</param>
public sealed partial record ImageReference(string? Host, string Repository, string? Tag, string? Digest)
{
    private const int MaxLength = 512;

    /// <summary>True when the reference is meant to name other bytes from time to time: no digest, and no tag or <c>latest</c>.</summary>
    public bool IsMoving => Digest is null && Tag is null or "latest";

    /// <summary>What a publisher is told of a reference that <see cref="IsMoving"/>.</summary>
    public Finding MovingWarning(SourcePosition at) => Finding.Warning("image-latest", at,
        $"The image {Repository} is named {(Tag is null ? "without a tag" : "by the tag latest")}, so what it is changes by itself.",
        "Name a version: `host/name:1.2` or `host/name@sha256:…`.");

    public static bool IsValid(string text) => Parse(text) is not null;

    public static ImageReference? Parse(string text)
    {
        if (text.Length > MaxLength || Grammar.Match(text) is not { Success: true } match)
            return null;
        string? Part(string name) => match.Groups[name] is { Success: true, Value: var value } ? value : null;
        var path = match.Groups["path"].Value;
        var slash = path.IndexOf('/');
        var first = slash < 0 ? "" : path[..slash];
        var hasHost = first.Contains('.') || first.Contains(':') || first == "localhost";
        var repository = hasHost ? path[(slash + 1)..] : path;
        return RepositoryGrammar.IsMatch(repository)
            ? new ImageReference(hasHost ? first : null, repository, Part("tag"), Part("digest"))
            : null;
    }

    [GeneratedRegex(@"\A(?<path>[A-Za-z0-9][A-Za-z0-9._/:-]*?)(:(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?<digest>sha256:[a-f0-9]{64}))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryGrammar { get; }
}
