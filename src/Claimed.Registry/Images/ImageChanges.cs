using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>What pushes and deletions do to the tables. Bytes are stored before, and collected later.</summary>
public sealed class ImageChanges(RegistryDatabase database, ImageStore store)
{
    /// <summary>Makes a blob visible in a repository. As with publishing, an administrator's first push into a namespace creates it.</summary>
    public async Task AddBlobAsync(string repository, string digest, long size, CancellationToken cancellation) => store.Learn(repository, await database.ChangeTogetherAsync(repository, async change =>
    {
        change.Names(digest);
        var questions = new Questions();
        var id = await UseAsync(change, questions, repository);
        NamespaceUse.AskToAdd(questions, repository, id, digest, size);
        await questions.AnswerAsync(change);
        change.PutBlobLast(id, digest, size);
        return id;
    }, cancellation));

    /// <summary>Stores a manifest's row and points the tags at it.</summary>
    /// <exception cref="OciRefusedException">The manifest needs something that is not visible in the repository, does not fit into the quota, or a tag may not be set.</exception>
    public async Task PutManifestAsync(
        Caller caller, string repository, string digest, long size, Manifest manifest, IReadOnlyCollection<string> tags, CancellationToken cancellation) =>
        store.Learn(repository, await database.ChangeTogetherAsync(repository, async change =>
        {
            change.Names(digest);
            var questions = new Questions();
            var id = await UseAsync(change, questions, repository);
            OwnTags.Ask(questions, caller, repository, tags, isPush: true);
            await NeededContent.AskAsync(change, questions, repository, id, manifest);
            ImmutableTags.Ask(questions, repository, id, tags, digest);
            NamespaceUse.AskToAdd(questions, repository, id, digest, size);
            await questions.AnswerAsync(change);
            if (await AttachedTags.VersionLeftOutAsync(change, repository, tags, manifest) is { } version)
                throw new OciRefusedException(OciError.Denied(409, $"Under this tag lies what the registry says of {repository} {version}, and the manifest leaves it out. Lay more beside it, as \"cosign attest\" does."));
            await AddRowsAsync(change, id, digest, size, manifest);
            foreach (var tag in tags)
                change.PutTagLast(id, tag, digest);
            change.Tell(ImageEvents.Pushed, repository, new { digest, mediaType = manifest.MediaType, tags });
            return id;
        }, cancellation));

    /// <summary>Removes a tag; false when there was none.</summary>
    /// <exception cref="OciRefusedException">The namespace says that it stays, or it is the registry's own.</exception>
    public Task<bool> DeleteTagAsync(Caller caller, string repository, string tag, CancellationToken cancellation) => database.ChangeTogetherAsync(repository, async change =>
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return false;
        var questions = new Questions();
        OwnTags.Ask(questions, caller, repository, [tag], isPush: false);
        ImmutableTags.Ask(questions, repository, id, [tag], null);
        await questions.AnswerAsync(change);
        if (await AttachedTags.VersionAboutAsync(change, repository, [tag]) is { } version)
            throw new OciRefusedException(GoesWithVersion(repository, version));
        return await store.RemoveTagAsync(change, repository, tag);
    }, cancellation);

    /// <summary>Removes a manifest and its tags; false when there was none.</summary>
    /// <exception cref="OciRefusedException">A ready version or an index needs it, or the namespace says that one of its tags stays.</exception>
    public Task<bool> DeleteManifestAsync(string repository, string digest, CancellationToken cancellation) => database.ChangeTogetherAsync(repository, async change =>
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return false;
        if (await VersionThatNeedsAsync(change, repository, digest) is { } version)
            throw new OciRefusedException(OciError.Denied(409, $"The image of version {version} is this manifest: pipelines that pin it would break. Purge the version first."));
        if (await UserOfAsync(change, id, digest) is { } index)
            throw new OciRefusedException(OciError.Denied(409, $"The index {index} of this repository needs this manifest. Delete the index first."));
        if (await AttachedTags.VersionWithAsync(change, repository, id, digest) is { } told)
            throw new OciRefusedException(GoesWithVersion(repository, told));
        var questions = new Questions();
        ImmutableTags.Ask(questions, repository, id, digest);
        await questions.AnswerAsync(change);
        await Grace.OfManifestAsync(change, id, digest);
        await change.Db.Tags.Where(row => row.RepositoryId == id && row.ManifestDigest == digest).ExecuteDeleteAsync(change.Cancellation);
        await change.Db.ImageReferences.Where(row => row.RepositoryId == id && row.ManifestDigest == digest).ExecuteDeleteAsync(change.Cancellation);
        if (await NamespaceUse.RemoveManifestsAsync(change, repository, id, [digest]) == 0)
            return false;
        await AttachedTags.RemoveAsync(change, repository, id, [digest]);
        change.Tell(ImageEvents.Deleted, repository, new { digest });
        return true;
    }, cancellation);

    /// <summary>Takes a blob out of a repository; false when it was not in it.</summary>
    /// <exception cref="OciRefusedException">A manifest of the repository needs it.</exception>
    public Task<bool> DeleteBlobAsync(string repository, string digest, CancellationToken cancellation) => database.ChangeTogetherAsync(repository, async change =>
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return false;
        // 405 is what the specification has for a registry that does not delete a blob.
        if (await UserOfAsync(change, id, digest) is { } manifest)
            throw new OciRefusedException(OciError.Unsupported(405, $"The manifest {manifest} of this repository needs this blob. Delete the manifest first."));
        return await NamespaceUse.RemoveBlobsAsync(change, repository, id, [digest]) > 0;
    }, cancellation);

    /// <summary>The repository's id; its row is held once the questions are answered, and those that follow see what others wrote until then.</summary>
    private async Task<long> UseAsync(Change change, Questions questions, string repository)
    {
        if (store.KnownIdOf(repository) is not { } known)
            return await change.UseRepositoryAsync(repository);
        questions.Hold(repository, known, () => store.Forget(repository));
        return known;
    }

    /// <summary>The rows of a manifest and of what it needs. What needs no answer goes with the events. Of a manifest that is there already the time alone is renewed, as a blob's is.</summary>
    internal static async Task AddRowsAsync(Change change, long id, string digest, long size, Manifest manifest)
    {
        var text = change.Last;
        var annotations = manifest.Annotations.Count == 0 ? null : Json.Write(manifest.Annotations);
        text.Add(
            $"""
            INSERT INTO image_manifests ("RepositoryId", "Digest", "MediaType", "Size", "ArtifactType", "Subject", "Annotations", "CreatedAt")
            VALUES ({text.Value(id)}, {text.Value(digest)}, {text.Value(manifest.MediaType)}, {text.Value(size)}, {text.Value(manifest.ArtifactType)}, {text.Value(manifest.Subject)}, {text.Value(annotations)}, {text.Value(change.Now)})
            ON CONFLICT ("RepositoryId", "Digest") DO UPDATE SET "CreatedAt" = excluded."CreatedAt";
            """);
        var parts = manifest.NeededBlobs.Concat(manifest.Manifests.Select(entry => entry.Digest)).Distinct(StringComparer.Ordinal).Chunk(ImageRows.MostValues).ToList();
        foreach (var part in parts)
        {
            // Very many need statements of their own: SQLite looks for each value in each statement of a text.
            var rows = parts.Count == 1 ? text : new StatementText();
            var (repository, user) = (rows.Value(id), rows.Value(digest));
            rows.Add(
                $"""
                INSERT INTO image_references ("RepositoryId", "ManifestDigest", "Digest")
                VALUES {string.Join(", ", part.Select(needed => $"({repository}, {user}, {rows.Value(needed)})"))} ON CONFLICT DO NOTHING;
                """);
            if (rows != text)
                await change.Db.RunAsync(rows.Whole, change.Cancellation);
        }
    }

    private static OciError GoesWithVersion(string repository, string version) => OciError.Denied(409,
        $"It says where the image of version {repository} {version} comes from or what is in it, and stays as long as that image. Purge the version first.");

    private static Task<string?> UserOfAsync(Change change, long id, string digest) => change.Db.ImageReferences
        .Where(row => row.RepositoryId == id && row.Digest == digest).Select(row => row.ManifestDigest).FirstOrDefaultAsync(change.Cancellation);

    private static async Task<string?> VersionThatNeedsAsync(Change change, string repository, string digest)
    {
        var versions = await change.Db.Versions.Where(row => row.ImageDigest == digest && row.State == VersionState.Ready)
            .Select(row => new { Component = row.Component!.Namespace!.Name + "/" + row.Component.Name, row.Number, row.Image })
            .ToListAsync(change.Cancellation);
        // A version's image may lie in another repository of ours than the component's own: its reference ends with that repository.
        return versions.Where(row => row.Component == repository || row.Image?.EndsWith($"/{repository}@{digest}", StringComparison.Ordinal) == true)
            .Select(row => $"{row.Component} {row.Number}").FirstOrDefault();
    }
}
