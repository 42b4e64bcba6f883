using Claimed.Components;
using Claimed.Database.Catalog;
using Semver;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>The newest build of a version.</summary>
public sealed record BuildEntry(
    long Id, string State, int Attempt, string? Reason, string? Engine, long QueuedAt, long? StartedAt, long? EndedAt, string? ImageDigest)
{
    public static BuildEntry From(Database.Builds.Build row) => new(
        row.Id, row.State, row.Attempt, row.Reason, row.Engine, row.QueuedAt, row.StartedAt, row.EndedAt, row.ImageDigest);
}

/// <summary>What few versions say of themselves; null members are absent.</summary>
internal sealed record VersionNotes(
    string? Reason, string? YankReason, string? Successor, string? Repository, string? Revision, string? SourcePath, string? Message)
{
    public static readonly VersionNotes None = new(null, null, null, null, null, null, null);
}

/// <summary>
/// One version as readers see it; immutable once its component is in the snapshot. There are many of these: digests are kept as
/// bytes, texts packed, and what can be computed is computed when it is asked for.
/// </summary>
public sealed class VersionEntry
{
    private const char BeforeDigest = '@';
    private Sha256? _imageDigest;
    private string? _unusualImageDigest;
    // The reference without its digest, or all of it when it does not end with the digest.
    private string? _image;
    private bool _imageEndsWithDigest;
    private string[]? _inputTypes;
    private string[]? _outputTypes;

    public required long Id { get; init; }

    public required SemVersion Number { get; init; }

    public required string State { get; init; }

    public bool Yanked { get; init; }

    public bool Deprecated { get; init; }

    public long CreatedAt { get; init; }

    public long? ReadyAt { get; init; }

    public BuildEntry? Build { get; internal set; }

    /// <summary>The forms with the bytes of each.</summary>
    public RenditionSet Renditions { get; internal set; }

    public required Sha256 Bundle { get; init; }

    public required Sha256 Blob { get; init; }

    public required Sha256 DefinitionHash { get; init; }

    internal VersionNotes Notes { get; init; } = VersionNotes.None;

    internal VersionTexts Texts { get; set; }

    /// <summary>Null also for an image of elsewhere that is named by another algorithm.</summary>
    public Sha256? ImageHash => _imageDigest;

    public string BundleDigest => Bundle.ToString();

    public string BundleBlob => Blob.ToString();

    public string DefinitionDigest => DefinitionHash.ToString();

    /// <summary>Unpacked and parsed at each call: take it once.</summary>
    public Definition Definition => Texts.Definition;

    /// <summary>Unpacked and parsed at each call: take it once.</summary>
    public IReadOnlyList<Finding> Findings => Texts.Findings;

    /// <summary>Types of the inputs; remembered, because filters ask every component.</summary>
    public IReadOnlyList<string> InputTypes => _inputTypes ??= Types(Definition.Inputs);

    /// <summary>Types of the outputs; remembered like those of the inputs.</summary>
    public IReadOnlyList<string> OutputTypes => _outputTypes ??= Types(Definition.Outputs);

    public string? ImageDigest => _unusualImageDigest ?? _imageDigest?.ToString();

    public string? Image => _imageEndsWithDigest ? $"{_image}{BeforeDigest}{ImageDigest}" : _image;

    public string? Reason => Notes.Reason;

    public string? YankReason => Notes.YankReason;

    public string? Successor => Notes.Successor;

    public string? Repository => Notes.Repository;

    public string? Revision => Notes.Revision;

    public string? SourcePath => Notes.SourcePath;

    public string? Message => Notes.Message;

    public bool IsReady => State == VersionState.Ready;

    /// <summary>Shown in lists and found by ranges and channels that move by themselves.</summary>
    public bool IsListed => IsReady && !Yanked;

    public bool HasEnded => State is VersionState.Ready or VersionState.Failed;

    /// <summary>Keeps the image; versions of one component share the part before the digest through <paramref name="shared"/>.</summary>
    internal void SetImage(string? image, string? digest, Func<string, string> shared)
    {
        if (Sha256.TryParse(digest, out var parsed))
            _imageDigest = parsed;
        else
            _unusualImageDigest = digest;
        _imageEndsWithDigest = digest is not null && image is not null && image.Length > digest.Length
            && image.EndsWith(digest, StringComparison.Ordinal) && image[^(digest.Length + 1)] == BeforeDigest;
        _image = image is null ? null : _imageEndsWithDigest ? shared(image[..^(digest!.Length + 1)]) : image;
    }

    private static string[] Types(IReadOnlyList<Port> ports) => [.. ports.Select(port => port.Type).Distinct(StringComparer.Ordinal)];
}
