namespace Claimed.Registry.Images;

/// <summary>How looking for an image ended.</summary>
public enum OutsideImageOutcome
{
    Resolved,

    /// <summary>The registry answered: there is no such image, or not without credentials.</summary>
    NotFound,

    /// <summary>No usable answer; the image may well exist.</summary>
    Unreachable,

    /// <summary>Its registry was not asked, because the caller may not publish what names it.</summary>
    NotAsked,
}

/// <summary>What came of resolving an image reference.</summary>
/// <param name="Digest">Manifest digest; null unless resolved.</param>
/// <param name="Pinned"><c>host/repository@sha256:…</c>; null unless resolved.</param>
/// <param name="Detail">Why not, for people; empty when resolved.</param>
public sealed record OutsideImage(OutsideImageOutcome Outcome, string? Digest, string? Pinned, string Detail)
{
    /// <summary>True when the image lies in this registry's own store.</summary>
    public bool IsOwn { get; init; }

    /// <summary>True when the registry says that there is none, and not only that it shows none.</summary>
    public bool IsGone { get; init; }

    /// <summary>True when there was no connection at all, whatever the image.</summary>
    public bool IsHostSilent { get; init; }

    public static readonly OutsideImage NotAsked = new(OutsideImageOutcome.NotAsked, null, null, "other registries are asked only for callers who may publish here");

    public static OutsideImage Resolved(string digest, string pinned) => new(OutsideImageOutcome.Resolved, digest, pinned, "");

    public static OutsideImage NotFound(string message) => new(OutsideImageOutcome.NotFound, null, null, message);

    public static OutsideImage Unreachable(string message) => new(OutsideImageOutcome.Unreachable, null, null, message);
}
