using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>The statements on the image tables that both databases word alike. Two writers never fail each other: conflicts do nothing or overwrite.</summary>
internal static class ImageRows
{
    /// <summary>A statement takes so many values, more or less, and no more.</summary>
    public const int MostValues = 500;

    /// <summary>Id of the repository, made when it is new, and its namespace with it where the actor may. The namespace stays to the end of the transaction.</summary>
    /// <exception cref="OciRefusedException">There is no such namespace.</exception>
    public static async Task<long> UseRepositoryAsync(this Change change, string repository)
    {
        var space = RepositoryNames.SpaceOf(repository);
        var known = await change.Db.QueryAsync(
            $"""
            UPDATE namespaces SET "Name" = "Name" WHERE "Name" = {space};
            UPDATE image_repositories SET "Name" = "Name" WHERE "Name" = {repository} AND EXISTS (SELECT 1 FROM namespaces WHERE "Name" = {space}) RETURNING "Id"
            """, row => row.GetInt64(0), change.Cancellation);
        if (known is [var id])
            return id;
        if (await change.Db.Database.ExecuteSqlAsync($"""UPDATE namespaces SET "Name" = "Name" WHERE "Name" = {space}""", change.Cancellation) == 0)
        {
            if (!Actor.Current.MakesNamespaces)
                throw new OciRefusedException(OciError.NameUnknown(repository));
            if (await change.UseNamespaceAsync(space))
                change.Tell("namespace.created", space, new { });
        }
        await change.Db.Database.ExecuteSqlAsync(
            $"""INSERT INTO image_repositories ("Name", "CreatedAt") VALUES ({repository}, {change.Now}) ON CONFLICT ("Name") DO NOTHING""", change.Cancellation);
        return (await change.LockRepositoryAsync(repository))!.Value;
    }

    /// <summary>
    /// Id of the repository, or null; its row stays locked to the end of the transaction, so that no one removes a blob while a manifest
    /// that needs it is stored. Its namespace's row is taken before it, always, for <see cref="NamespaceUse"/> counts there.
    /// </summary>
    public static async Task<long?> LockRepositoryAsync(this Change change, string repository)
    {
        var space = RepositoryNames.SpaceOf(repository);
        // Not of a component that has no images here: its publishers would wait for each other.
        var ids = await change.Db.QueryAsync(
            $"""
            UPDATE namespaces SET "Name" = "Name" WHERE "Name" = {space} AND EXISTS (SELECT 1 FROM image_repositories WHERE "Name" = {repository});
            UPDATE image_repositories SET "Name" = "Name" WHERE "Name" = {repository} RETURNING "Id"
            """, row => row.GetInt64(0), change.Cancellation);
        return ids is [var id] ? id : null;
    }

    /// <summary>The time is renewed, because a client that pushes again still has to name the blob in a manifest.</summary>
    public static Task PutBlobAsync(this Change change, long repository, string digest, long size) => change.Db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO image_blobs ("RepositoryId", "Digest", "Size", "CreatedAt") VALUES ({repository}, {digest}, {size}, {change.Now})
        ON CONFLICT ("RepositoryId", "Digest") DO UPDATE SET "CreatedAt" = excluded."CreatedAt"
        """, change.Cancellation);

    /// <summary>Those of the digests that the repository has in this table.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(this Change change, string table, long repository, IReadOnlyList<string> digests)
    {
        var found = new List<string>();
        foreach (var part in digests.Chunk(MostValues))
        {
            var text = new StatementText();
            text.Add($"""SELECT "Digest" FROM {table} WHERE "RepositoryId" = {text.Value(repository)} AND "Digest" IN ({string.Join(", ", part.Select(text.Value))})""");
            found.AddRange(await change.Db.QueryAsync(text.Whole, row => row.GetString(0), change.Cancellation));
        }
        return found;
    }

    /// <summary>As <see cref="PutTagAsync"/>, with the statements that are kept for the end.</summary>
    public static void PutTagLast(this Change change, long repository, string tag, string digest) => change.Last.Add(
        $"""
        INSERT INTO image_tags ("RepositoryId", "Name", "ManifestDigest", "UpdatedAt")
        VALUES ({change.Last.Value(repository)}, {change.Last.Value(tag)}, {change.Last.Value(digest)}, {change.Last.Value(change.Now)})
        ON CONFLICT ("RepositoryId", "Name") DO UPDATE SET "ManifestDigest" = excluded."ManifestDigest", "UpdatedAt" = excluded."UpdatedAt";
        """);

    public static Task PutTagAsync(this Change change, long repository, string tag, string digest) => change.Db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO image_tags ("RepositoryId", "Name", "ManifestDigest", "UpdatedAt") VALUES ({repository}, {tag}, {digest}, {change.Now})
        ON CONFLICT ("RepositoryId", "Name") DO UPDATE SET "ManifestDigest" = excluded."ManifestDigest", "UpdatedAt" = excluded."UpdatedAt"
        """, change.Cancellation);
}

/// <summary>Kinds of events that the image store tells; the subject is the repository.</summary>
public static class ImageEvents
{
    /// <summary>Payload: digest, mediaType, tags.</summary>
    public const string Pushed = "image.pushed";

    /// <summary>Payload: tag, digest.</summary>
    public const string Tagged = "image.tagged";

    /// <summary>Payload: tag.</summary>
    public const string Untagged = "image.untagged";

    /// <summary>Payload: digest.</summary>
    public const string Deleted = "image.deleted";
}
