using System.Collections.Concurrent;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images.Proxies;

/// <summary>What proxies do to the tables: rows of manifests before those of what they need, and when each was used last.</summary>
public sealed class CachedImages(RegistryDatabase database, IBlobStore blobs, ImageStore store, TimeProvider clock)
{
    private const int MaxRemembered = 100_000;

    /// <summary>How exactly it is known when something was used last: each use as a write would make reading slow.</summary>
    private static readonly TimeSpan Exactness = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, long> _used = new(StringComparer.Ordinal);

    /// <summary>Stores a manifest whose blobs are fetched when somebody asks for them.</summary>
    public async Task StoreAsync(string repository, string digest, byte[] bytes, Manifest manifest, string? tag)
    {
        await blobs.PutAsync(digest, bytes, CancellationToken.None);
        await database.ChangeAsync(async change =>
        {
            change.Names(digest);
            var id = await change.UseRepositoryAsync(repository);
            if (!await change.Db.Manifests.AnyAsync(row => row.RepositoryId == id && row.Digest == digest, change.Cancellation))
            {
                await NamespaceUse.AddUnboundedAsync(change, repository, id, digest, bytes.Length);
                await ImageChanges.AddRowsAsync(change, id, digest, bytes.Length, manifest);
            }
            if (tag is not null)
                await change.PutTagAsync(id, tag, digest);
            change.Tell(ImageEvents.Pushed, repository, new { digest, mediaType = manifest.MediaType, tags = tag is null ? Array.Empty<string>() : [tag] });
        }, CancellationToken.None);
    }

    /// <summary>Points a tag at a manifest that is here.</summary>
    public Task TagAsync(string repository, string tag, string digest) =>
        database.ChangeAsync(change => store.SetTagAsync(change, repository, tag, digest), CancellationToken.None);

    /// <summary>Removes a tag that is gone elsewhere; the manifest stays for those who have its digest.</summary>
    public Task ForgetTagAsync(string repository, string tag) => database.ChangeAsync(change => store.RemoveTagAsync(change, repository, tag), CancellationToken.None);

    public Task AddBlobAsync(string repository, string digest, long size) => database.ChangeAsync(async change =>
    {
        change.Names(digest);
        var id = await change.UseRepositoryAsync(repository);
        await NamespaceUse.AddUnboundedAsync(change, repository, id, digest, size);
        change.PutBlobLast(id, digest, size);
    }, CancellationToken.None);

    /// <summary>Notes that a manifest is in use, and its tag where it was asked for by one.</summary>
    public Task UsedManifestAsync(string repository, string digest, string? tag) => NoteAsync($"{repository} {digest} {tag}", async change =>
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return;
        await change.Db.Manifests.Where(row => row.RepositoryId == id && row.Digest == digest)
            .ExecuteUpdateAsync(row => row.SetProperty(found => found.CreatedAt, change.Now), change.Cancellation);
        if (tag is not null)
            await change.Db.Tags.Where(row => row.RepositoryId == id && row.Name == tag)
                .ExecuteUpdateAsync(row => row.SetProperty(found => found.UpdatedAt, change.Now), change.Cancellation);
    });

    /// <summary>Notes that a blob is in use.</summary>
    public Task UsedBlobAsync(string repository, string digest) => NoteAsync($"{repository} {digest}", async change =>
    {
        if (await change.LockRepositoryAsync(repository) is { } id)
            await change.Db.RepositoryBlobs.Where(row => row.RepositoryId == id && row.Digest == digest)
                .ExecuteUpdateAsync(row => row.SetProperty(found => found.CreatedAt, change.Now), change.Cancellation);
    });

    private async Task NoteAsync(string what, Func<Change, Task> note)
    {
        if (_used.TryGetValue(what, out var at) && clock.GetElapsedTime(at) < Exactness)
            return;
        if (_used.Count >= MaxRemembered)
            _used.Clear();
        _used[what] = clock.GetTimestamp();
        try
        {
            await database.ChangeAsync(note, CancellationToken.None);
        }
        catch (Exception fault) when (StorageFaults.MayPass(fault))
        {
            // Reading goes on while nothing can be written; the next use notes it.
            _used.TryRemove(what, out _);
        }
    }
}
