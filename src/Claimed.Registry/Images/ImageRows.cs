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
        var known = new List<long>();
        await new Questions().AskToHold(repository, known.AddRange).AnswerAsync(change);
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

    /// <summary>Holds a repository that is remembered by its id, and its namespace.</summary>
    /// <param name="forget">Called when that is not so any more, or the namespace has never been made: then the change is run again.</param>
    public static void Hold(this Questions questions, string repository, long id, Action forget) => questions.AskToHold(repository, found =>
    {
        if (found is [var now] && now == id)
            return;
        forget();
        throw new OutdatedException($"The repository {repository} has not the id {id}, or its namespace is not there.");
    });

    private static Questions AskToHold(this Questions questions, string repository, Action<List<long>> judge)
    {
        var (space, name) = (questions.Text.Value(RepositoryNames.SpaceOf(repository)), questions.Text.Value(repository));
        return questions.Ask(
            $"""
            UPDATE namespaces SET "Name" = "Name" WHERE "Name" = {space};
            UPDATE image_repositories SET "Name" = "Name" WHERE "Name" = {name} AND EXISTS (SELECT 1 FROM namespaces WHERE "Name" = {space}) RETURNING "Id"
            """, row => row.GetInt64(0), judge);
    }

    /// <summary>A statement for the end. The time is renewed, because a client that pushes again still has to name the blob in a manifest.</summary>
    public static void PutBlobLast(this Change change, long repository, string digest, long size) => change.Last.Add(
        $"""
        INSERT INTO image_blobs ("RepositoryId", "Digest", "Size", "CreatedAt")
        VALUES ({change.Last.Value(repository)}, {change.Last.Value(digest)}, {change.Last.Value(size)}, {change.Last.Value(change.Now)})
        ON CONFLICT ("RepositoryId", "Digest") DO UPDATE SET "CreatedAt" = excluded."CreatedAt";
        """);

    /// <summary>Points a tag at a manifest, with the statements that are kept for the end; what it names until now has one more grace.</summary>
    public static void PutTagLast(this Change change, long repository, string tag, string digest) => AddTag(change, change.Last, repository, tag, digest);

    /// <summary>The same at once.</summary>
    public static Task PutTagAsync(this Change change, long repository, string tag, string digest)
    {
        var text = new StatementText();
        AddTag(change, text, repository, tag, digest);
        return change.Db.RunAsync(text.Whole, change.Cancellation);
    }

    private static void AddTag(Change change, StatementText text, long repository, string tag, string digest)
    {
        var (id, name, manifest, now) = (text.Value(repository), text.Value(tag), text.Value(digest), text.Value(change.Now));
        Grace.OfMovedTag(text, id, name, manifest, now);
        text.Add(
            $"""
            INSERT INTO image_tags ("RepositoryId", "Name", "ManifestDigest", "UpdatedAt") VALUES ({id}, {name}, {manifest}, {now})
            ON CONFLICT ("RepositoryId", "Name") DO UPDATE SET "ManifestDigest" = excluded."ManifestDigest", "UpdatedAt" = excluded."UpdatedAt";
            """);
    }
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

    /// <summary>What the registry says of an image was added. Payload: digest, manifests, tags.</summary>
    public const string Attested = "image.attested";

    /// <summary>Payload: digest.</summary>
    public const string Deleted = "image.deleted";
}
