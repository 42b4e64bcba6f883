using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>Which version an upload becomes.</summary>
/// <param name="Existing">The version that is there under the number: one that has this bundle, or one that failed or was never asked for and is replaced; null for a new one.</param>
/// <param name="Number">Its number.</param>
/// <param name="IsKnown">Whether the component has this bundle.</param>
/// <param name="Findings">What breaks those who use an earlier version, where the publisher allows that.</param>
internal sealed record ChosenVersion(HeldVersion? Existing, SemVersion Number, bool IsKnown, IReadOnlyList<Finding> Findings);

/// <summary>
/// Chooses the version, and holds its interface against the earlier version that callers move on from by themselves. Publishing asks with
/// the component's row held, so that two publishers at once do not both pass; validating asks what readers see.
/// </summary>
internal sealed class VersionChoice(
    string subject, IReadOnlyList<HeldVersion> versions, Candidate candidate, SemVersion? wanted, Func<HeldVersion, Task<Definition>> definitionOf)
{
    /// <exception cref="RefusedException">The version is taken, breaks what callers rely on, or there is no next one.</exception>
    public async Task<ChosenVersion> ChooseAsync()
    {
        var existing = wanted is null ? Known() : versions.FirstOrDefault(row => row.Number == wanted.ToString());
        if (existing is not null && existing.BundleDigest == candidate.BundleDigest)
            return new ChosenVersion(existing, Parse(existing), IsKnown: true, []);
        if (existing is { IsReplaceable: false })
            throw new RefusedException(Taken(existing));

        var newest = versions.MaxBy(Parse, SemVersion.PrecedenceComparer);
        if (wanted is null && newest is { IsReplaceable: true })
            existing = newest;
        var number = existing is not null ? Parse(existing) : wanted ?? Next(SemanticVersion.NextMinor(newest is null ? null : Parse(newest)));
        if (Earlier(number) is not { } earlier)
            return new ChosenVersion(existing, number, IsKnown: false, []);

        var right = NextBreaking(number);
        var breaks = InterfaceChange.Breaks(await definitionOf(earlier), Parse(earlier), candidate.Definition, right);
        if (breaks.Count == 0)
            return new ChosenVersion(existing, number, IsKnown: false, []);
        if (candidate.Fields.Breaking is null)
            throw UploadRefusal.Findings([.. breaks, .. candidate.Findings]);
        return wanted is null
            ? new ChosenVersion(null, Next(right), IsKnown: false, [])
            : new ChosenVersion(existing, number, IsKnown: false, [.. breaks.Select(finding => finding with { Severity = Severity.Warning })]);
    }

    // One that goes by itself is no answer to who publishes the files for good.
    private HeldVersion? Known() => versions.Where(row => row.BundleDigest == candidate.BundleDigest && !row.Expires).MaxBy(Parse, SemVersion.PrecedenceComparer);

    /// <summary>The version that callers have who move on to this one by a range or a moving name.</summary>
    private HeldVersion? Earlier(SemVersion number) => versions
        .Where(row => row.State == VersionState.Ready && !row.Yanked && Parse(row) is { IsPrerelease: false } other && InterfaceChange.IsInCaretOf(other, number))
        .MaxBy(Parse, SemVersion.PrecedenceComparer);

    /// <summary>Above all versions that are there, so that nothing is taken and nothing is compared.</summary>
    private SemVersion NextBreaking(SemVersion number) => InterfaceChange.NextBreaking(versions.Select(Parse).Append(number)
        .Where(other => number.Major > 0 || other.Major == 0).MaxBy(other => other, SemVersion.PrecedenceComparer)!);

    private SemVersion Next(SemVersion next) => SemanticVersion.TryParse(next.ToString(), out _)
        ? next
        : throw new RefusedException(new Refusal(409, "no-next-version", "There is no next version.",
            $"{subject} has the highest number there is: name the version in the URL."));

    private Refusal Taken(HeldVersion version) => new(409, "version-exists", "This version exists with other content.",
        $"{subject} {version.Number} is {version.State} and was published from another bundle ({version.BundleDigest}). "
        + "A version never changes: publish the next one, or leave the version out and the registry takes the next minor.")
    { State = version.State };

    private static SemVersion Parse(HeldVersion version) => SemVersion.Parse(version.Number, SemVersionStyles.Strict);
}
