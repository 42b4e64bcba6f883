using Claimed.Components;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs;

/// <summary>What a reference in a URL led to: a version, perhaps certain bytes of it, or a refusal.</summary>
/// <param name="Version">Null only with a refusal.</param>
/// <param name="Rendition">The bytes that a digest names.</param>
/// <param name="IsMoving">Whether the reference may mean another version tomorrow.</param>
public sealed record Resolved(VersionEntry? Version, RenditionEntry? Rendition, bool IsMoving, Refusal? Refusal);

/// <summary>
/// Reads <c>versions/{ref}</c> by its first character: <c>sha256:</c> names bytes, <c>^ ~ &lt; &gt; = *</c> an npm range,
/// a digit an exact version, anything else a channel.
/// </summary>
public static class VersionReference
{
    public static Resolved Resolve(ComponentEntry component, string reference)
    {
        if (reference.StartsWith("sha256:", StringComparison.Ordinal))
            return ByDigest(component, reference);
        if (reference.Length > 0 && "^~<>=*".Contains(reference[0], StringComparison.Ordinal))
            return ByRange(component, reference);
        return reference.Length > 0 && char.IsAsciiDigit(reference[0]) ? ByNumber(component, reference) : ByChannel(component, reference);
    }

    private static Resolved ByDigest(ComponentEntry component, string digest)
    {
        if (!Digest.IsSha256(digest))
            return Refuse(400, "bad-reference", "The reference cannot be read.", $"\"{digest}\" is not a digest: sha256: and 64 lower-case hex digits.");
        return component.FindDigest(digest) is var (version, rendition)
            ? new Resolved(version, rendition, false, null)
            : NotFound(component, $"no version of {component.Subject} has a form with the digest {digest}.");
    }

    private static Resolved ByRange(ComponentEntry component, string range)
    {
        if (!SemanticVersion.TryParseRange(range, out var parsed))
            return Refuse(400, "bad-reference", "The reference cannot be read.", $"\"{range}\" is not an npm version range, such as ^1.2 or ~0.");
        return component.Find(parsed) is { } version
            ? new Resolved(version, null, true, null)
            : NotFound(component, $"no ready version of {component.Subject} is in the range {range}.");
    }

    private static Resolved ByNumber(ComponentEntry component, string number)
    {
        if (number.EndsWith(".x", StringComparison.OrdinalIgnoreCase) || number.EndsWith(".*", StringComparison.Ordinal))
            return Refuse(400, "bad-reference", "The reference cannot be read.", $"\"{number}\" is not a version; use ~{number[..number.IndexOf('.')]} for a range.");
        if (!SemanticVersion.TryParse(number, out var version))
            return Refuse(400, "bad-reference", "The reference cannot be read.", $"\"{number}\" is not a semantic version, such as 1.2.0; use ~1 or ^1.2 for a range.");
        return component.Find(version) is { } entry
            ? new Resolved(entry, null, false, null)
            : NotFound(component, $"{component.Subject} has no version {version}.");
    }

    private static Resolved ByChannel(ComponentEntry component, string channel)
    {
        if (!ChannelName.IsValid(channel))
            return Refuse(400, "bad-reference", "The reference cannot be read.", $"\"{channel}\" is neither a version, a range, a digest nor a channel name.");
        if (component.Channels.TryGetValue(channel, out var entry))
            return new Resolved(component.Find(entry.Version), null, true, null);
        return NotFound(component, channel == ComponentEntry.Latest
            ? $"{component.Subject} has no ready version yet that \"latest\" could mean."
            : $"{component.Subject} has no channel \"{channel}\".");
    }

    private static Resolved NotFound(ComponentEntry component, string why) => Refuse(404, "version-not-found", "There is no such version.",
        $"{char.ToUpperInvariant(why[0])}{why[1..]} Versions: {string.Join(", ", component.Versions.Take(5).Select(version => $"{version.Number} ({version.State})"))}.");

    private static Resolved Refuse(int status, string type, string title, string detail) => new(null, null, false, new Refusal(status, type, title, detail));
}
