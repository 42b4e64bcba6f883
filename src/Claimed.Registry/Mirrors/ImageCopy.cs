using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>
/// Brings an image of the origin into the repository of the same name, blob by blob, each of which counts as soon as it is there: a copy that was
/// cut off goes on with the next. A blob is fetched even where another namespace here has it: the origin must show that it may have it.
/// </summary>
internal sealed class ImageCopy(Origin origin, ImageStore store, ImageChanges changes, RegistryDatabase database, IBlobStore blobs, IOptions<ImageOptions> options)
{
    private const int MostNested = 3;
    private const int MostManifests = 500;

    /// <summary>Sees that the repository has the manifest, and all that it needs.</summary>
    /// <returns>How many blobs came.</returns>
    /// <exception cref="RefusedCopyException">The origin does not have it as its digest says, or it does not fit here.</exception>
    public async Task<int> BringAsync(string repository, string digest, CancellationToken cancellation)
    {
        try
        {
            return await BringAsync(repository, digest, MostNested, new HashSet<string>(StringComparer.Ordinal), cancellation);
        }
        catch (OciRefusedException refused)
        {
            throw new RefusedCopyException($"its image {repository}@{digest} is not taken: {refused.Message}");
        }
    }

    private async Task<int> BringAsync(string repository, string digest, int depth, HashSet<string> seen, CancellationToken cancellation)
    {
        // A manifest is stored behind all that it needs.
        if (await store.FindManifestAsync(repository, digest, cancellation) is not null && await blobs.FindAsync(digest, cancellation) is not null)
            return 0;
        if (depth == 0 || !seen.Add(digest) || seen.Count > MostManifests)
            throw new RefusedCopyException($"its image {repository}@{digest} lists manifests within manifests, or too many");
        var (bytes, type) = await origin.ManifestAsync(repository, digest, options.Value.MaxManifestBytes, cancellation) ?? throw new NotThereException($"{origin.Name} does not have its image {repository}@{digest}");
        var manifest = ManifestReader.Read(bytes, type);
        var count = 0;
        foreach (var entry in manifest.Manifests.DistinctBy(entry => entry.Digest))
            count += await BringAsync(repository, entry.Digest, depth - 1, seen, cancellation);
        var needed = manifest.Config is null ? manifest.Layers : manifest.Layers.Prepend(manifest.Config);
        foreach (var blob in needed.Where(blob => !blob.IsOutside).DistinctBy(blob => blob.Digest))
            count += await BringBlobAsync(repository, blob, cancellation);
        await PutAgain.RunAsync(async () =>
        {
            await blobs.PutAsync(digest, bytes, cancellation);
            await database.ChangeAsync(change => PutAsync(change, repository, digest, bytes.Length, manifest), cancellation);
        });
        return count;
    }

    private async Task<int> BringBlobAsync(string repository, ImageDescriptor blob, CancellationToken cancellation)
    {
        var isStored = await blobs.FindAsync(blob.Digest, cancellation) is not null;
        if (isStored && await store.FindBlobAsync(repository, blob.Digest, cancellation) is not null)
            return 0;
        var space = RepositoryNames.SpaceOf(repository);
        if (isStored && await store.FindBlobAsync(blob.Digest, other => RepositoryNames.SpaceOf(other) == space, cancellation) is { } size)
        {
            await changes.AddBlobAsync(repository, blob.Digest, size, cancellation);
            return 0;
        }
        await PutAgain.RunAsync(async () =>
        {
            var length = await FetchAsync(repository, blob, cancellation);
            await changes.AddBlobAsync(repository, blob.Digest, length, cancellation);
        });
        return 1;
    }

    /// <summary>Stores a blob, which no row names yet; returns its length.</summary>
    public async Task<long> FetchAsync(string repository, ImageDescriptor blob, CancellationToken cancellation)
    {
        var file = blobs.TemporaryPath(Origin.Temporary + Guid.CreateVersion7().ToString("N"));
        try
        {
            var length = await origin.DownloadAsync($"v2/{repository}/blobs/{blob.Digest}", blob.Digest, blob.Size, file, mayRedirect: true, cancellation);
            await blobs.AdoptAsync(blob.Digest, file, cancellation);
            return length;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task PutAsync(Change change, string repository, string digest, long size, Manifest manifest)
    {
        change.Names(digest);
        var id = await change.UseRepositoryAsync(repository);
        var questions = new Questions();
        await NeededContent.AskAsync(change, questions, repository, id, manifest);
        NamespaceUse.AskToAdd(questions, repository, id, digest, size);
        await questions.AnswerAsync(change);
        await ImageChanges.AddRowsAsync(change, id, digest, size, manifest);
        change.Tell(ImageEvents.Pushed, repository, new { digest, mediaType = manifest.MediaType, tags = Array.Empty<string>() });
    }
}
