using System.Text.RegularExpressions;
using Claimed.Components;
using Claimed.Database.Catalog;
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
public static partial class VersionReference
{
    public static Resolved Resolve(ComponentEntry component, string reference, TimeProvider clock)
    {
        var found = Resolve(component, reference);
        if (found.Version?.HasExpired(clock) != true)
            return found;
        var gone = $"{component.Subject} {found.Version.Number} was a pre-release and expired at {DateTimeOffset.FromUnixTimeMilliseconds(found.Version.ExpiresAt!.Value):yyyy-MM-ddTHH:mm:ssZ}, as its publisher had said.";
        return found.IsMoving
            ? NotFound(component, gone)
            : Refuse(410, "version-expired", "The version has expired.", $"{gone} Its number is not used again.");
    }

    private static Resolved Resolve(ComponentEntry component, string reference)
    {
        if (reference.StartsWith("sha256:", StringComparison.Ordinal))
            return Existing(component, ByDigest(component, reference));
        if (IsRange(reference))
            return ByRange(component, reference);
        return reference.Length > 0 && char.IsAsciiDigit(reference[0]) ? Existing(component, ByNumber(component, reference)) : ByChannel(component, reference);
    }

    internal static bool IsRange(string reference) => reference.Length > 0 && "^~<>=*".Contains(reference[0], StringComparison.Ordinal);

    /// <summary>A purged version is known by its number and its digests, and by nothing else.</summary>
    private static Resolved Existing(ComponentEntry component, Resolved found) => found.Version is { State: VersionState.Purged, ExpiresAt: null } gone
        ? new(null, null, false, Missing.Purged(component, gone))
        : found;

    private static Resolved ByDigest(ComponentEntry component, string digest)
    {
        if (!Digest.IsSha256(digest))
            return Unreadable($"{Quoted(digest)} is not a digest: sha256: and 64 lower-case hex digits.");
        return component.FindDigest(digest) is var (version, rendition)
            ? new Resolved(version, rendition, false, null)
            : NotFound(component, $"no version of {component.Subject} has a form with the digest {digest}.");
    }

    private static Resolved ByRange(ComponentEntry component, string range)
    {
        if (!SemanticVersion.TryParseRange(range, out var parsed))
            return Unreadable($"{Quoted(range)} is not an npm version range, such as ^1.2 or ~0.");
        return component.Find(parsed) is { } version
            ? new Resolved(version, null, true, null)
            : NotFound(component, $"no ready version of {component.Subject} is in the range {range}.");
    }

    private static Resolved ByNumber(ComponentEntry component, string number)
    {
        if (!SemanticVersion.TryParse(number, out var version))
            return Unreadable($"{Quoted(number)} {WhyNoVersion(number)}");
        return component.Find(version) is { } entry
            ? new Resolved(entry, null, false, null)
            : NotFound(component, $"{component.Subject} has no version {version}.");
    }

    /// <summary>Ranges that npm would take begin with a digit too; each has a way to write it that cannot be taken for a version.</summary>
    private static string WhyNoVersion(string text)
    {
        if (text.Contains("||", StringComparison.Ordinal))
            return "is no version; a range of alternatives begins with a comparator: =1.0.0 || =2.0.0.";
        if (text.Contains(" - ", StringComparison.Ordinal))
            return "is no version; write a span as a range: >=1.0.0 <=2.0.0.";
        return Partial.Match(text) is { Success: true } partial
            ? $"is not a version; use ~{partial.Groups[1].Value} for a range."
            : "is not a semantic version without build metadata, such as 1.2.0; use ~1 or ^1.2 for a range.";
    }

    [GeneratedRegex(@"\A((?:0|[1-9][0-9]{0,14})(?:\.(?:0|[1-9][0-9]{0,14}))?)(?:\.[xX*])*\z")]
    private static partial Regex Partial { get; }

    private static Resolved ByChannel(ComponentEntry component, string channel)
    {
        if (!ChannelName.IsValid(channel))
            return Unreadable($"{Quoted(channel)} is neither a version (1.2.0, without v), a range, a digest nor a channel name.");
        if (component.Channel(channel) is { } entry)
            return new Resolved(component.Find(entry.Version), null, true, null);
        return NotFound(component, channel == ComponentEntry.Latest
            ? $"{component.Subject} has no ready version yet that \"latest\" could mean."
            : $"{component.Subject} has no channel \"{channel}\".{(channel[0] == 'v' && char.IsAsciiDigit(channel.ElementAtOrDefault(1)) ? $" A version is written without v: {channel[1..]}." : "")}");
    }

    private static Resolved NotFound(ComponentEntry component, string why) => Refuse(404, "version-not-found", "There is no such version.",
        $"{char.ToUpperInvariant(why[0])}{why[1..]} Versions: {string.Join(", ", component.Versions.Take(5).Select(version => $"{version.Number} ({version.State})"))}.");

    private static Resolved Unreadable(string why) => Refuse(400, "bad-reference", "The reference cannot be read.", why);

    /// <summary>A reference as an answer repeats it.</summary>
    internal static string Quoted(string reference) => $"\"{ShownText.Short(reference)}\"";

    private static Resolved Refuse(int status, string type, string title, string detail) => new(null, null, false, new Refusal(status, type, title, detail));
}
