using Claimed.Components;
using Claimed.Database.Catalog;
using Semver;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>The newest build of a version.</summary>
public sealed record BuildEntry(
    long Id, string State, int Attempt, string? Reason, string? Engine, long QueuedAt, long? StartedAt, long? EndedAt, string? ImageDigest, string? Platform)
{
    /// <summary>Which step failed, as JSON; null unless one did.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether the Dockerfile of an attempt is kept.</summary>
    public bool HasDockerfile { get; init; }

    /// <summary>What it is expected to take; null where nobody said.</summary>
    public BuildEstimate? Estimate { get; init; }

    /// <summary>Whether it waits until somebody asks for its version.</summary>
    public bool IsDeferred => State == Database.Builds.BuildState.Deferred;

    public static BuildEntry From(Database.Builds.Build row) => new(
        row.Id, row.State, row.Attempt, row.Reason, row.Engine, row.QueuedAt, row.StartedAt, row.EndedAt, row.ImageDigest, row.Platform)
    {
        Failure = row.Failure,
        HasDockerfile = row.DockerfileBlob is not null,
        Estimate = BuildEstimate.Of(row.ExpectedBytes, row.ExpectedSeconds),
    };
}

/// <summary>What few versions say of themselves; null members are absent.</summary>
internal sealed record VersionNotes(
    string? Reason, string? YankReason, string? Successor, string? Repository, string? Revision, string? SourcePath, string? Message,
    string? StatedBy, string? TrustClaims)
{
    public static readonly VersionNotes None = new(null, null, null, null, null, null, null, null, null);
}

/// <summary>An image reference as it is kept: mostly a name that the versions of a component share, and the digest.</summary>
/// <param name="Name">The reference without its digest, or all of it when it does not end with the digest.</param>
/// <param name="UnusualDigest">A digest by another algorithm.</param>
internal readonly record struct ImageParts(string? Name, bool EndsWithDigest, string? UnusualDigest, Sha256? Digest)
{
    private const char BeforeDigest = '@';

    public string? DigestText => UnusualDigest ?? Digest?.ToString();

    public string? Reference => EndsWithDigest ? $"{Name}{BeforeDigest}{DigestText}" : Name;

    public static ImageParts Of(string? image, string? digest)
    {
        Sha256? parsed = Sha256.TryParse(digest, out var hash) ? hash : null;
        var endsWithDigest = digest is not null && image is not null && image.Length > digest.Length
            && image.EndsWith(digest, StringComparison.Ordinal) && image[^(digest.Length + 1)] == BeforeDigest;
        return new ImageParts(endsWithDigest ? image![..^(digest!.Length + 1)] : image, endsWithDigest, parsed is null ? digest : null, parsed);
    }
}

/// <summary>
/// One version as readers see it, made from its component's <see cref="PackedVersions"/> when someone asks; immutable from then on.
/// </summary>
public sealed class VersionEntry
{
    public required long Id { get; init; }

    public required SemVersion Number { get; init; }

    public required string State { get; init; }

    public bool Yanked { get; init; }

    /// <summary>Yanked by a delete through a KFP client.</summary>
    public bool Withdrawn { get; init; }

    public bool Deprecated { get; init; }

    public long CreatedAt { get; init; }

    public long? ReadyAt { get; init; }

    /// <summary>When it goes by itself; null for one that stays.</summary>
    public long? ExpiresAt { get; init; }

    public BuildEntry? Build { get; internal set; }

    /// <summary>The forms with the bytes of each.</summary>
    public RenditionSet Renditions { get; internal set; }

    public required Sha256 Bundle { get; init; }

    public required Sha256 Blob { get; init; }

    public required Sha256 DefinitionHash { get; init; }

    internal VersionNotes Notes { get; init; } = VersionNotes.None;

    internal VersionTexts Texts { get; set; }

    internal ImageParts ImageParts { get; init; }

    /// <summary>Null also for an image of elsewhere that is named by another algorithm.</summary>
    public Sha256? ImageHash => ImageParts.Digest;

    public string BundleDigest => Bundle.ToString();

    public string BundleBlob => Blob.ToString();

    public string DefinitionDigest => DefinitionHash.ToString();

    /// <summary>Unpacked and parsed at each call: take it once.</summary>
    public Definition Definition => Texts.Definition;

    /// <summary>Unpacked and parsed at each call: take it once.</summary>
    public IReadOnlyList<Finding> Findings => Texts.Findings;

    public string? ImageDigest => ImageParts.DigestText;

    public string? Image => ImageParts.Reference;

    public string? Reason => Notes.Reason;

    public string? YankReason => Notes.YankReason;

    public string? Successor => Notes.Successor;

    public string? Repository => Notes.Repository;

    public string? Revision => Notes.Revision;

    public string? SourcePath => Notes.SourcePath;

    public string? Message => Notes.Message;

    /// <summary>Who stated repository and revision; null when neither is stated.</summary>
    public string? StatedBy => Notes.StatedBy;

    /// <summary>What the issuer says of the CI job that published it, as JSON; null without one.</summary>
    public string? TrustClaims => Notes.TrustClaims;

    /// <summary>Whether its image is built when somebody first asks for it.</summary>
    public bool IsDeferred => Build is { IsDeferred: true };

    public bool IsReady => State == VersionState.Ready;

    /// <summary>Shown in lists and found by ranges and channels that move by themselves.</summary>
    public bool IsListed => IsReady && !Yanked && ExpiresAt is null;

    /// <summary>Whether it is gone for readers, its rows still there or not. One that an administrator purged before has no time any more.</summary>
    public bool HasExpired(TimeProvider clock) => ExpiresAt is { } at && at <= clock.GetUtcNow().ToUnixTimeMilliseconds();

    public bool HasEnded => State is VersionState.Ready or VersionState.Failed;
}
