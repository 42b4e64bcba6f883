using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Channels;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Search;
using Claimed.Registry.Storage;
using Claimed.Registry.Wheels;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Versions;

/// <summary>
/// Removes what a version holds for good: files, definition, forms, log, image. Its number stays taken and its URLs say why it is gone.
/// Rows first, in one transaction; then the bytes that no other row names.
/// </summary>
public sealed class VersionPurge(RegistryDatabase database, ImageStore images, OutsideImages outside, AttachedRest rest, PurgedBytes bytes, IHostApplicationLifetime lifetime)
{
    /// <summary>Does it, and again what an earlier purge of the version did not come to do. Goes on when the caller leaves.</summary>
    /// <exception cref="RefusedException">There is no such version, or it is being built.</exception>
    /// <returns>Whether all is gone; else someone uses some of the bytes at this moment.</returns>
    public async Task<bool> RunAsync(string space, string name, string number, string reason)
    {
        var stopping = lifetime.ApplicationStopping;
        var rests = new Dictionary<AttachedUse, AttachedManifest?>();
        while (true)
        {
            var removed = await database.ChangeAsync(change => RemoveRowsAsync(change, space, name, number, reason, rests), stopping);
            if (removed is not { Shared.Count: > 0 })
                return await bytes.RemoveAsync(removed?.Held ?? await bytes.HeldAsync($"{space}/{name}", number, stopping), stopping) == 0;
            // Another version has the image: what stays beside it is made first, and the rows then say whether it is still that.
            foreach (var use in removed.Shared)
                rests[use] = await rest.MakeAsync(use, removed.Said, stopping);
        }
    }

    /// <summary>
    /// Takes the rows of a pre-release whose time is over, and its image unless somebody gave that a name of their own; blobs and bytes go with a
    /// collection. What others say of the component stays. False while it is being built, or when there is nothing to do.
    /// </summary>
    public Task<bool> ExpireAsync(string space, string name, string number, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        var component = await change.LockComponentAsync(space, name);
        var over = change.Db.Versions.Where(row => row.ComponentId == component && row.Number == number && row.ExpiresAt <= change.Now && row.PurgedAt == null);
        if (!await over.AnyAsync(change.Cancellation))
            return false;
        // A builder that takes one in this moment changes its row first, too: one of both finds it as the other left it.
        await change.Db.Builds.Where(build => (build.State == BuildState.Queued || build.State == BuildState.Deferred) && over.Any(row => row.Id == build.VersionId)).ExecuteUpdateAsync(set => set
            .SetProperty(build => build.State, BuildState.Cancelled).SetProperty(build => build.EndedAt, change.Now), change.Cancellation);
        if (await change.Db.Builds.AnyAsync(build => build.State == BuildState.Building && over.Any(row => row.Id == build.VersionId), change.Cancellation))
        {
            change.Abandon();
            return false;
        }
        await over.Where(row => row.State == VersionState.Queued || row.State == VersionState.Building).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, VersionState.Failed), change.Cancellation);
        return await RemoveRowsAsync(change, space, name, number, "It expired, as its publisher had said.", null) is not null;
    }, cancellation);

    /// <param name="Held">Digests of what the version held.</param>
    /// <param name="Said">Of those the statements about it.</param>
    private sealed record Removed(IReadOnlyList<string> Held, IReadOnlyList<string> Said)
    {
        /// <summary>What has to be made anew before; then nothing is removed yet.</summary>
        public IReadOnlyList<AttachedUse> Shared { get; init; } = [];
    }

    /// <param name="rests">What stays beside an image that another version has, as far as it is made; null at expiry, which takes no statements.</param>
    /// <returns>Null: it is purged already.</returns>
    private async Task<Removed?> RemoveRowsAsync(Change change, string space, string name, string number, string reason, IReadOnlyDictionary<AttachedUse, AttachedManifest?>? rests)
    {
        var subject = $"{space}/{name}";
        var component = await change.LockComponentAsync(space, name) ?? throw new RefusedException(Missing.Component(space, name));
        var version = await change.Db.Versions.Include(row => row.Builds).Include(row => row.Renditions)
            .SingleOrDefaultAsync(row => row.ComponentId == component && row.Number == number, change.Cancellation) ?? throw new RefusedException(Missing.Version(subject, number));
        if (version.State == VersionState.Purged)
            return null;
        if (version.State is VersionState.Queued or VersionState.Building || version.Builds.Exists(build => !BuildState.HasEnded(build.State)))
            throw new RefusedException(new Refusal(409, "version-not-ended", "The version is being built.",
                $"{subject} {number} is {version.State}: cancel its build first (POST /api/v1/builds/{version.Builds.Where(build => !BuildState.HasEnded(build.State)).Select(build => build.Id).DefaultIfEmpty().Max()}/cancel).")
            { State = version.State });
        var expires = rests is null;
        // SQLite leaves what it removes in the file until the place is used again.
        if (!expires && change.Db.Database.IsSqlite())
            await change.Db.Database.ExecuteSqlRawAsync("PRAGMA secure_delete = ON", change.Cancellation);
        List<string> held = [version.BundleBlob, .. version.Renditions.Select(form => form.Digest), .. version.Builds.SelectMany(build => new[] { build.LogBlob, build.DockerfileBlob }).OfType<string>()];
        var (image, reference) = (version.ImageDigest, version.Image);
        Empty(version, change.Now, reason);
        // Who purges it before its time has the reason told, not the time.
        version.ExpiresAt = expires ? version.ExpiresAt : null;
        foreach (var build in version.Builds)
            (build.LogBlob, build.DockerfileBlob, build.Failure, build.Reason) = (null, null, null, build.State == BuildState.Failed ? "purged" : null);
        var builds = version.Builds.Select(build => build.Id).ToArray();
        await change.Db.BuildLogParts.Where(part => builds.Contains(part.BuildId)).ExecuteDeleteAsync(change.Cancellation);
        var channels = await change.Db.Channels.Where(channel => channel.VersionId == version.Id).Select(channel => channel.Name).ToListAsync(change.Cancellation);
        await change.Db.Channels.Where(channel => channel.VersionId == version.Id).ExecuteDeleteAsync(change.Cancellation);
        await change.Db.SaveChangesAsync(change.Cancellation);
        foreach (var tag in channels.Prepend(number))
            await images.RemoveTagAsync(change, subject, tag);
        await ChannelTags.SettleAsync(change, images, component, subject);
        if (rests is null)
        {
            await RemoveUnnamedImagesAsync(change, version, subject, image);
            change.Tell("version.expired", subject, new { version = number });
            return new Removed(held, []);
        }
        foreach (var (repository, digest) in await ImagesAsync(change, version, space, subject, image, reference))
            held.AddRange(await ImagePurge.RemoveAsync(change, repository, digest));
        // Another version may have the same image, which stays; what was said of this one goes.
        string[] said = [.. version.Renditions.Where(form => form.Form is RenditionForm.Provenance or RenditionForm.Contents).Select(form => form.Digest)];
        var shared = await AttachedRest.UsesAsync(change, subject, said);
        if (shared.Any(use => !rests.ContainsKey(use)))
        {
            change.Abandon();
            return new Removed([], said) { Shared = shared };
        }
        held.AddRange(await ImagePurge.RemoveUsersAsync(change, subject, said));
        foreach (var use in shared)
            await AttachedManifests.AddAsync(change, subject, use.Image, rests[use] is { } left ? [left] : []);
        await PurgedTexts.RemoveAsync(change, component, subject);
        await SearchRows.RemoveAsync(change, component);
        await change.Db.VersionReads.Where(row => row.VersionId == version.Id).ExecuteDeleteAsync(change.Cancellation);
        held.AddRange(await NamespaceWheels.RemoveAsync(change, space, subject, number));
        held = [.. held.Distinct(StringComparer.Ordinal)];
        change.Tell(PurgedBytes.Event, subject, new { version = number, reason, digests = held });
        return new Removed(held, said);
    }

    /// <summary>The version's own image and what attempts to build it pushed, without those that have another tag or are listed in an index.</summary>
    private static async Task RemoveUnnamedImagesAsync(Change change, ComponentVersion version, string subject, string? image)
    {
        foreach (var build in version.Builds)
            await ImageStore.RemoveTagsAsync(change, subject, $"{ImageRights.BuildTags}{build.Id}-");
        var digests = version.Builds.Select(build => build.ImageDigest).Append(image).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        foreach (var digest in digests)
            await ImagePurge.RemoveAsync(change, subject, digest, isExpiry: true);
    }

    /// <summary>The version's image where the namespace has it, and what attempts to build it pushed.</summary>
    private async Task<IReadOnlyList<(string Repository, string Digest)>> ImagesAsync(
        Change change, ComponentVersion version, string space, string subject, string? image, string? reference)
    {
        var found = new List<(string Repository, string Digest)>();
        foreach (var prefix in version.Builds.Select(build => $"{ImageRights.BuildTags}{build.Id}-"))
            found.AddRange((await change.Db.Tags.Where(tag => tag.Name.StartsWith(prefix) && change.Db.Repositories.Any(owner => owner.Id == tag.RepositoryId && owner.Name == subject))
                .Select(tag => tag.ManifestDigest).ToListAsync(change.Cancellation)).Select(digest => (subject, digest)));
        if (image is null)
            return found;
        found.Add((subject, image));
        if (ImageName.TryParse(reference ?? "", out var name) && outside.IsOwn(name.Host) && name.Repository != subject && name.Repository.StartsWith(space + "/", StringComparison.Ordinal))
            found.Add((name.Repository, image));
        return found;
    }

    /// <summary>The forms stay as digests, so that their URLs can say what became of them.</summary>
    private static void Empty(ComponentVersion version, long now, string reason)
    {
        var definition = DefinitionJson.Read(version.Definition);
        version.Definition = DefinitionJson.Write(new Components.Definition { Name = definition.Name, DisplayName = definition.Name, Language = definition.Language, MainFile = "purged" });
        version.DefinitionDigest = Digest.Of(version.Definition);
        // The same files may be published again, under another number.
        version.BundleDigest = Digest.Of($"purged version {version.Id}");
        (version.State, version.PurgedAt, version.PurgeReason, version.Reason) = (VersionState.Purged, now, reason, reason);
        (version.Options, version.Findings, version.Image, version.ImageDigest, version.RequestedChannel) = ("{}", "[]", null, null, null);
        (version.Repository, version.Revision, version.SourcePath, version.Message, version.TrustClaims) = (null, null, null, null, null);
        (version.YankReason, version.Successor) = (null, null);
    }
}
