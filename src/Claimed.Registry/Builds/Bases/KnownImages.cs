using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds.Bases;

/// <summary>An image that an earlier build of the same recipe made.</summary>
/// <param name="Build">That build.</param>
/// <param name="Repository">Where the image lies.</param>
public sealed record KnownImage(long Build, string Repository, string Digest);

/// <summary>Takes the image of an earlier build where that had the same recipe: its manifest comes into the repository of this build, and no engine works.</summary>
public sealed class KnownImages(RegistryDatabase database, IBlobStore blobs, ImageStore store, ImageChanges changes, TimeProvider clock)
{
    // The newest may have lost its image to a purge; looking at all would take long where many had it.
    private const int MostLooks = 3;

    /// <returns>The build whose image lies in <paramref name="repository"/> under <paramref name="tag"/> now; null when there is none to take.</returns>
    /// <exception cref="OciRefusedException">It does not fit into the quota.</exception>
    public async Task<KnownImage?> TakeAsync(string recipe, string repository, string tag, CancellationToken cancellation)
    {
        // Of a private namespace nobody else may learn that it has the same files.
        var space = repository[..repository.IndexOf('/')];
        var known = await database.ReadAsync(db => db.Builds
            .Where(build => !build.Version!.Component!.Namespace!.IsPrivate || build.Version.Component.Namespace.Name == space)
            .Where(build => build.Recipe == recipe && build.State == BuildState.Succeeded && build.ImageDigest != null && build.Version!.State == VersionState.Ready)
            .OrderByDescending(build => build.Id).Take(MostLooks)
            .Select(build => new KnownImage(build.Id, build.Version!.Component!.Namespace!.Name + "/" + build.Version.Component.Name, build.ImageDigest!))
            .ToListAsync(cancellation), cancellation);
        foreach (var image in known)
        {
            if (await MountAsync(image, repository, tag, cancellation))
                return image;
        }
        return null;
    }

    /// <summary>False when the image is not whole any more.</summary>
    private async Task<bool> MountAsync(KnownImage image, string repository, string tag, CancellationToken cancellation)
    {
        if (await store.FindManifestAsync(image.Repository, image.Digest, cancellation) is not { } stored || !await blobs.TouchAsync(image.Digest, cancellation))
            return false;
        var bytes = await blobs.ReadAllAsync(image.Digest, cancellation);
        var manifest = ManifestReader.Read(bytes, stored.MediaType);
        if (MediaTypes.IsIndex(manifest.MediaType))
            return false;
        foreach (var needed in manifest.NeededBlobs)
        {
            if (await store.FindBlobAsync(image.Repository, needed, cancellation) is not { } size || !await blobs.TouchAsync(needed, cancellation))
                return false;
            await changes.AddBlobAsync(repository, needed, size, cancellation);
        }
        var build = Caller.OfBuild(new PushTicket(repository, tag, clock.GetUtcNow().ToUnixTimeSeconds()));
        await changes.PutManifestAsync(build, repository, image.Digest, bytes.Length, manifest, [tag], cancellation);
        return true;
    }
}
