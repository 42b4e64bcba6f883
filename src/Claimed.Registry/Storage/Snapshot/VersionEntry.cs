using System.Collections.Frozen;
using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Semver;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>The bytes of one form: blob and size.</summary>
public sealed record RenditionEntry(string Form, int Revision, string Digest, long Size);

/// <summary>The newest build of a version.</summary>
public sealed record BuildEntry(
    long Id, string State, int Attempt, string? Reason, string? Engine, long QueuedAt, long? StartedAt, long? EndedAt, string? ImageDigest)
{
    public static BuildEntry From(Database.Builds.Build row) => new(
        row.Id, row.State, row.Attempt, row.Reason, row.Engine, row.QueuedAt, row.StartedAt, row.EndedAt, row.ImageDigest);
}

/// <summary>One version as readers see it; immutable.</summary>
public sealed class VersionEntry
{
    public required long Id { get; init; }

    public required SemVersion Number { get; init; }

    public required string State { get; init; }

    public string? Reason { get; init; }

    public required string BundleDigest { get; init; }

    public required string BundleBlob { get; init; }

    public required string DefinitionDigest { get; init; }

    public required Definition Definition { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    public string? ImageDigest { get; init; }

    public string? Image { get; init; }

    public bool Yanked { get; init; }

    public string? YankReason { get; init; }

    public bool Deprecated { get; init; }

    public string? Successor { get; init; }

    public string? Repository { get; init; }

    public string? Revision { get; init; }

    public string? SourcePath { get; init; }

    public string? Message { get; init; }

    public long CreatedAt { get; init; }

    public long? ReadyAt { get; init; }

    public BuildEntry? Build { get; init; }

    /// <summary>Newest revision of each form.</summary>
    public required FrozenDictionary<string, RenditionEntry> Renditions { get; init; }

    /// <summary>Every revision ever served, by digest.</summary>
    public required FrozenDictionary<string, RenditionEntry> ByDigest { get; init; }

    public bool IsReady => State == VersionState.Ready;

    /// <summary>Shown in lists and found by ranges and channels that move by themselves.</summary>
    public bool IsListed => IsReady && !Yanked;

    public bool HasEnded => State is VersionState.Ready or VersionState.Failed;

    public static VersionEntry From(ComponentVersion row)
    {
        var build = row.Builds.MaxBy(candidate => candidate.Id);
        return new VersionEntry
        {
            Id = row.Id,
            Number = SemVersion.Parse(row.Number, SemVersionStyles.Strict),
            State = row.State,
            Reason = row.Reason,
            BundleDigest = row.BundleDigest,
            BundleBlob = row.BundleBlob,
            DefinitionDigest = row.DefinitionDigest,
            Definition = DefinitionJson.Read(row.Definition),
            Findings = Json.Read<Finding[]>(row.Findings),
            ImageDigest = row.ImageDigest,
            Image = row.Image,
            Yanked = row.Yanked,
            YankReason = row.YankReason,
            Deprecated = row.Deprecated,
            Successor = row.Successor,
            Repository = row.Repository,
            Revision = row.Revision,
            SourcePath = row.SourcePath,
            Message = row.Message,
            CreatedAt = row.CreatedAt,
            ReadyAt = row.ReadyAt,
            Build = build is null ? null : BuildEntry.From(build),
            Renditions = row.Renditions.GroupBy(rendition => rendition.Form, StringComparer.Ordinal)
                .Select(group => Entry(group.MaxBy(rendition => rendition.Revision)!))
                .ToFrozenDictionary(rendition => rendition.Form, StringComparer.Ordinal),
            ByDigest = row.Renditions.DistinctBy(rendition => rendition.Digest).Select(Entry)
                .ToFrozenDictionary(rendition => rendition.Digest, StringComparer.Ordinal),
        };
    }

    private static RenditionEntry Entry(Rendition row) => new(row.Form, row.Revision, row.Digest, row.Size);
}
