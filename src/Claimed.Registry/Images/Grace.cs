using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>
/// What loses its name stays for one more grace: the time that a collection counts from is renewed, in the transaction that takes the name
/// away and before it does.
/// </summary>
internal static class Grace
{
    /// <summary>Before a tag is set: what it names until now, if that is something else. All but the text are values of it.</summary>
    public static void OfMovedTag(StatementText text, string repository, string tag, string digest, string now) => text.Add(
        $"""
        UPDATE image_manifests SET "CreatedAt" = {now} WHERE "RepositoryId" = {repository} AND "Digest" =
          (SELECT "ManifestDigest" FROM image_tags WHERE "RepositoryId" = {repository} AND "Name" = {tag} AND "ManifestDigest" <> {digest});
        """);

    /// <summary>What the tags name.</summary>
    public static async Task OfTagsAsync(Change change, long repository, IReadOnlyCollection<string> tags)
    {
        foreach (var part in tags.Chunk(ImageRows.MostValues))
        {
            var text = new StatementText();
            text.Add($"""
                UPDATE image_manifests SET "CreatedAt" = {text.Value(change.Now)} WHERE "RepositoryId" = {text.Value(repository)} AND "Digest" IN
                  (SELECT "ManifestDigest" FROM image_tags WHERE "RepositoryId" = {text.Value(repository)} AND "Name" IN ({string.Join(", ", part.Select(tag => text.Value(tag)))}))
                """);
            await change.Db.RunAsync(text.Whole, change.Cancellation);
        }
    }

    /// <summary>What a manifest names that is about to be deleted, blobs and manifests, and what says something of it.</summary>
    public static Task OfManifestAsync(Change change, long repository, string digest) => change.Db.RunAsync(
        $"""
        UPDATE image_blobs SET "CreatedAt" = {change.Now} WHERE "RepositoryId" = {repository} AND "Digest" IN
          (SELECT "Digest" FROM image_references WHERE "RepositoryId" = {repository} AND "ManifestDigest" = {digest});
        UPDATE image_manifests SET "CreatedAt" = {change.Now} WHERE "RepositoryId" = {repository} AND "Digest" IN
          (SELECT "Digest" FROM image_references WHERE "RepositoryId" = {repository} AND "ManifestDigest" = {digest});
        UPDATE image_manifests SET "CreatedAt" = {change.Now} WHERE "RepositoryId" = {repository} AND "Subject" = {digest};
        """, change.Cancellation);
}
