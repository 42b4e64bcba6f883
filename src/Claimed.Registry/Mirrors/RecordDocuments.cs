using Claimed.Components;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Mirrors;

/// <summary>The name of a component, for whoever copies the catalog.</summary>
public sealed record ComponentSubject(string Namespace, string Name);

/// <summary>Everything of a component that another registry needs to have the same, but for the texts of its versions.</summary>
public sealed record ComponentRecord
{
    /// <example>acme</example>
    public required string Namespace { get; init; }

    /// <example>filter-csv</example>
    public required string Name { get; init; }

    /// <summary><c>public</c> or <c>private</c>: the namespace's.</summary>
    /// <example>public</example>
    public required string Visibility { get; init; }

    /// <summary><c>component</c> or <c>pipeline</c>.</summary>
    /// <example>component</example>
    public required string Kind { get; init; }

    public required string DisplayName { get; init; }

    public required string Description { get; init; }

    public string? Category { get; init; }

    public string? Group { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary><c>host[:port]</c> by which image references name this registry: images that begin so lie here.</summary>
    /// <example>localhost:8080</example>
    public required string ImageHost { get; init; }

    /// <summary>All of them, of every state.</summary>
    public required IReadOnlyList<VersionFacts> Versions { get; init; }

    /// <summary>Channel name → version, of those that a publisher set; <c>latest</c> only while one holds it.</summary>
    public required IReadOnlyDictionary<string, string> Channels { get; init; }

    public static ComponentRecord From(ComponentEntry component, bool isPrivate, string imageHost) => new()
    {
        Namespace = component.Namespace,
        Name = component.Name,
        Visibility = isPrivate ? "private" : "public",
        Kind = component.Kind,
        DisplayName = component.DisplayName,
        Description = component.Description,
        Category = component.Category,
        Group = component.Group,
        Tags = component.Tags,
        ImageHost = imageHost,
        Versions = [.. component.Versions.Select(VersionFacts.From)],
        Channels = component.Channels.Where(channel => channel.Revision > 0).ToDictionary(channel => channel.Name, channel => channel.Version.ToString(), StringComparer.Ordinal),
    };
}

/// <summary>What a version is, by digests.</summary>
public sealed record VersionFacts
{
    /// <example>1.2.0</example>
    public required string Version { get; init; }

    /// <summary><c>queued</c>, <c>building</c>, <c>ready</c>, <c>failed</c> or <c>purged</c>.</summary>
    /// <example>ready</example>
    public required string State { get; init; }

    /// <summary>Why it failed, or was purged.</summary>
    public string? Reason { get; init; }

    public required string BundleDigest { get; init; }

    public string? Image { get; init; }

    public string? ImageDigest { get; init; }

    public bool Yanked { get; init; }

    public string? YankReason { get; init; }

    public bool Withdrawn { get; init; }

    public bool Deprecated { get; init; }

    public string? Successor { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>All forms in all revisions; the highest of a form is served under the version's number.</summary>
    public required IReadOnlyList<RenditionFacts> Renditions { get; init; }

    public static VersionFacts From(VersionEntry version) => new()
    {
        Version = version.Number.ToString(),
        State = version.State,
        Reason = version.Reason,
        BundleDigest = version.BundleDigest,
        Image = version.Image,
        ImageDigest = version.ImageDigest,
        Yanked = version.Yanked,
        YankReason = version.YankReason,
        Withdrawn = version.Withdrawn,
        Deprecated = version.Deprecated,
        Successor = version.Successor,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(version.CreatedAt),
        ReadyAt = version.ReadyAt is { } ready ? DateTimeOffset.FromUnixTimeMilliseconds(ready) : null,
        ExpiresAt = version.ExpiresAt is { } over ? DateTimeOffset.FromUnixTimeMilliseconds(over) : null,
        Renditions = [.. version.Renditions.Rows.ToArray().Select(row => new RenditionFacts(row.Form, row.Revision, row.Digest.ToString(), row.Size))],
    };
}

/// <summary>The bytes of a form.</summary>
/// <param name="Digest"><c>sha256:…</c>; <c>versions/{digest}/{form}</c> has the bytes.</param>
public sealed record RenditionFacts(string Form, int Revision, string Digest, long Size);

/// <summary>A ready version as it is stored: what verifies its digests, and where it comes from. It holds no token, no address and no secret.</summary>
public sealed record VersionRecord
{
    /// <example>acme</example>
    public required string Namespace { get; init; }

    /// <example>filter-csv</example>
    public required string Name { get; init; }

    public required VersionFacts Facts { get; init; }

    /// <summary>Digest of the archive that <c>…/bundle</c> serves.</summary>
    public required string BundleBlob { get; init; }

    /// <summary>The typed definition as JSON; its text has <c>definitionDigest</c>.</summary>
    public required string Definition { get; init; }

    public required string DefinitionDigest { get; init; }

    /// <summary>The publisher's options that shape the result; with the files of the bundle they have <c>bundleDigest</c>.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Name of a user or a token.</summary>
    public string? PublishedBy { get; init; }

    public string? Repository { get; init; }

    public string? Revision { get; init; }

    /// <summary>Path of the source in that repository.</summary>
    public string? Path { get; init; }

    public string? Message { get; init; }

    /// <summary>Who says where it comes from; absent when no one does.</summary>
    public ProvenanceDocument? Provenance { get; init; }
}
