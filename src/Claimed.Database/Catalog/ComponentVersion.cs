namespace Claimed.Database.Catalog;

/// <summary>One published version; immutable once ready.</summary>
public sealed class ComponentVersion
{
    public long Id { get; set; }

    public long ComponentId { get; set; }

    public Component? Component { get; set; }

    /// <summary>SemVer 2.0.0 without build metadata.</summary>
    public required string Number { get; set; }

    public required string State { get; set; }

    /// <summary>Why the version failed; null unless it did.</summary>
    public string? Reason { get; set; }

    /// <summary><c>sha256:…</c> over the files and the options that shape the result.</summary>
    public required string BundleDigest { get; set; }

    /// <summary>Blob with the files as a deterministic tar.gz.</summary>
    public required string BundleBlob { get; set; }

    public required string DefinitionDigest { get; set; }

    /// <summary>The typed definition as JSON.</summary>
    public required string Definition { get; set; }

    /// <summary>The publisher's options that shape the result, as JSON.</summary>
    public required string Options { get; set; }

    /// <summary>JSON array of findings.</summary>
    public string Findings { get; set; } = "[]";

    /// <summary>OCI manifest digest of the image; null until built, or when an outside image could not be pinned.</summary>
    public string? ImageDigest { get; set; }

    /// <summary>The image reference that renditions name; null until ready.</summary>
    public string? Image { get; set; }

    public bool Yanked { get; set; }

    public string? YankReason { get; set; }

    /// <summary>Deleted through a KFP client: yanked, and gone for such clients until somebody publishes the same bytes again.</summary>
    public bool Withdrawn { get; set; }

    /// <summary>The <see cref="YankReason"/> of one that only such a delete has yanked; another one is a person's, and stays when it is back.</summary>
    public const string WithdrawnReason = "Deleted through a KFP client.";

    public bool Deprecated { get; set; }

    public string? Successor { get; set; }

    /// <summary>Channels that move here when the version becomes ready, as a comma list.</summary>
    public string? RequestedChannel { get; set; }

    public string? Repository { get; set; }

    public string? Revision { get; set; }

    public string? SourcePath { get; set; }

    public string? Message { get; set; }

    /// <summary>Who published it: name of a user or a token.</summary>
    public string? PublishedBy { get; set; }

    /// <summary>The trust rule it was published under; null for one published with a token that someone keeps.</summary>
    public long? TrustRuleId { get; set; }

    /// <summary>JSON object: what the issuer says of the job that published it.</summary>
    public string? TrustClaims { get; set; }

    /// <summary>Why an administrator removed its content; null unless that was done.</summary>
    public string? PurgeReason { get; set; }

    public long? PurgedAt { get; set; }

    /// <summary>When a pre-release goes by itself; null for one that stays.</summary>
    public long? ExpiresAt { get; set; }

    public long CreatedAt { get; set; }

    public long? ReadyAt { get; set; }

    public List<Builds.Build> Builds { get; set; } = [];

    public List<Rendition> Renditions { get; set; } = [];
}

/// <summary>Where a version stands.</summary>
public static class VersionState
{
    public const string Queued = "queued";
    public const string Building = "building";
    public const string Ready = "ready";
    public const string Failed = "failed";

    /// <summary>Its content is gone for good; its number stays taken.</summary>
    public const string Purged = "purged";
}
