using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>A version that is published anew, or why it is not.</summary>
/// <param name="From">The version whose files it has.</param>
/// <param name="Version">The new version; null when it was refused, or nothing was to be done.</param>
public sealed record Rebuilt(string Space, string Name, SemVersion From, SemVersion? Version, string? Refusal);

/// <summary>
/// Publishes what stands on a base image anew, as the next patch version: a ready version never changes, and callers that follow <c>~1</c>
/// move on by themselves. Of each component it is the highest version of each major.
/// </summary>
public sealed class Rebuilding(RegistryDatabase database, IBlobStore blobs, SnapshotFeed feed, Publisher publisher, Rights rights)
{
    /// <param name="baseImage">As Dockerfiles name it, or its digest.</param>
    /// <param name="space">One namespace, or null for all where the caller may publish.</param>
    /// <param name="isTrial">Only tells what would be published.</param>
    public async Task<IReadOnlyList<Rebuilt>> RunAsync(string baseImage, string? space, bool isTrial, Caller caller, CancellationToken cancellation)
    {
        var names = NamesOf(baseImage);
        var standing = (await database.ReadAsync(db => db.BuildBases
            .Where(row => names.Contains(row.Name) || row.Digest == baseImage)
            .Join(db.Builds.Where(build => build.State == BuildState.Succeeded), row => row.BuildId, build => build.Id, (row, build) => build.VersionId)
            .Distinct().ToListAsync(cancellation), cancellation)).ToHashSet();
        var rebuilt = new List<Rebuilt>();
        foreach (var component in feed.Current.Components.Values.Where(one => space is null || one.Namespace == space).OrderBy(one => one.Subject, StringComparer.Ordinal))
        {
            if (!rights.May(caller, Deed.Publish, component.Namespace, component.Name))
                continue;
            foreach (var version in Highest(component).Where(version => standing.Contains(version.Id)))
                rebuilt.Add(await OneAsync(component, version, baseImage, isTrial, caller, cancellation));
        }
        return rebuilt;
    }

    private static IEnumerable<VersionEntry> Highest(ComponentEntry component) => component.Versions
        .Where(version => version.IsListed && !version.Number.IsPrerelease).GroupBy(version => version.Number.Major)
        .Select(major => major.MaxBy(version => version.Number, SemVersion.PrecedenceComparer)!).OrderBy(version => version.Number, SemVersion.PrecedenceComparer);

    private async Task<Rebuilt> OneAsync(ComponentEntry component, VersionEntry version, string baseImage, bool isTrial, Caller caller, CancellationToken cancellation)
    {
        Rebuilt Refused(string why) => new(component.Namespace, component.Name, version.Number, null, why);

        // One that was asked for before and is not made yet has the newest base anyway.
        if (component.Versions.FirstOrDefault(other => other.State is VersionState.Queued or VersionState.Building && other.Number.Major == version.Number.Major) is { } open)
            return Refused($"{open.Number} is being built.");
        if (feed.Current.Namespaces.GetValueOrDefault(component.Namespace) is { OnlyTrusted: true } && caller.TrustRuleId is null)
            return Refused("The namespace takes versions from CI jobs alone: publish there again.");
        var next = new SemVersion(version.Number.Major, version.Number.Minor, version.Number.Patch + 1);
        while (component.Find(next) is not null)
            next = next.WithPatch(next.Patch + 1);
        if (isTrial)
            return new Rebuilt(component.Namespace, component.Name, version.Number, next, null);
        try
        {
            var row = await database.ReadAsync(db => db.Versions.SingleAsync(one => one.Id == version.Id, cancellation), cancellation);
            var files = await Bundle.UnpackAsync(new MemoryStream(await blobs.ReadAllAsync(row.BundleBlob, cancellation), writable: false), cancellation);
            var fields = PublishFields.Again(Json.Read<Dictionary<string, string>>(row.Options), version.Number.ToString()) with
            {
                Repository = row.Repository,
                Revision = row.Revision,
                Path = row.SourcePath,
                Message = $"{version.Number} built anew on {baseImage}",
            };
            var published = await publisher.PublishAsync(component.Namespace, component.Name, next, new Upload(files, fields), caller, cancellation);
            return new Rebuilt(component.Namespace, component.Name, version.Number, published.Version, null);
        }
        catch (RefusedException refused)
        {
            return Refused(refused.Message);
        }
        catch (BlobLostException lost)
        {
            return Refused(lost.Message);
        }
    }

    /// <summary>The ways in which Dockerfiles write the name.</summary>
    private static List<string> NamesOf(string image) => ImageName.TryParse(image, out var name)
        ? [.. new[] { image, name.ToString(), name.ToString().Replace("docker.io/library/", "", StringComparison.Ordinal), name.ToString().Replace("docker.io/", "", StringComparison.Ordinal) }.Distinct(StringComparer.Ordinal)]
        : [image];
}
