namespace Claimed.Database.Catalog;

/// <summary>Who owns components.</summary>
public sealed class Namespace
{
    /// <summary>The namespace of the components that ship with the product.</summary>
    public const string Shipped = "claimed";

    public long Id { get; set; }

    public required string Name { get; set; }

    /// <summary>Only members see a private one.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>Versions come from CI jobs under a trust rule alone, not from tokens that people keep.</summary>
    public bool OnlyTrusted { get; set; }

    /// <summary>Most bytes that its images may take; null for no bound.</summary>
    public long? QuotaBytes { get; set; }

    /// <summary>Most repositories of images that may hold something; null for no bound.</summary>
    public long? QuotaRepositories { get; set; }

    /// <summary>Bytes of the distinct blobs and manifests of its repositories; changes with their rows, in the same transaction.</summary>
    public long UsedBytes { get; set; }

    /// <summary>Repositories that hold a blob or a manifest.</summary>
    public long UsedRepositories { get; set; }

    /// <summary>JSON array of patterns: a tag that one of them matches is neither moved nor deleted; null for none.</summary>
    public string? ImmutableTags { get; set; }

    /// <summary>JSON array of the rules that say which tags stay; null for none.</summary>
    public string? Retention { get; set; }

    /// <summary>JSON object: the limits of its builds that an administrator has set apart from the settings; null for none.</summary>
    public string? BuildLimits { get; set; }

    /// <summary>Unix milliseconds, as every time in the database.</summary>
    public long CreatedAt { get; set; }
}
