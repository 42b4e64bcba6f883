using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>What a dry run gave.</summary>
/// <param name="Version">The version that a publish without one would take now; null when it would be refused.</param>
internal sealed record Validated(string? Name, Definition? Definition, SemVersion? Version, IReadOnlyList<Finding> Findings)
{
    public bool IsValid => Version is not null;

    /// <summary>Whether that version is there, with these files.</summary>
    public bool IsKnown { get; init; }
}

/// <summary>Answers what a publish without a version would, from memory, and stores nothing.</summary>
internal sealed class Validation(Examination examination)
{
    /// <param name="caller">Null for the registry itself.</param>
    /// <param name="view">What the caller sees: with the interface of a hidden component nothing is compared.</param>
    public async Task<Validated> RunAsync(string space, string? name, Upload upload, Caller? caller, CatalogView view, CancellationToken cancellation)
    {
        var examined = await examination.ExamineAsync(space, name, upload, caller, cancellation);
        if (examined.Candidate is not { } candidate)
            return new Validated(examined.Name, examined.Definition, null, examined.Findings);
        try
        {
            var chosen = await Choice(space, candidate, view).ChooseAsync();
            return new Validated(candidate.Name, candidate.Definition, chosen.Number, [.. chosen.Findings, .. candidate.Findings]) { IsKnown = chosen.IsKnown };
        }
        catch (RefusedException refused) when (refused.Refusal.Findings is { } findings)
        {
            return new Validated(candidate.Name, candidate.Definition, null, findings);
        }
    }

    private static VersionChoice Choice(string space, Candidate candidate, CatalogView view)
    {
        var versions = view.Find(space, candidate.Name)?.Versions ?? [];
        return new VersionChoice($"{space}/{candidate.Name}",
            [.. versions.Select(version => new HeldVersion(version.Id, version.Number.ToString(), version.State, version.BundleDigest, version.Yanked, version.ExpiresAt is not null, version.IsDeferred))],
            candidate, wanted: null, held => Task.FromResult(versions.First(version => version.Id == held.Id).Definition));
    }
}
