using System.IO.Enumeration;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>Tags that a namespace wants neither moved nor deleted by anyone who pushes. The registry's own tags and its retention rules are not bound by it.</summary>
internal static class ImmutableTags
{
    /// <exception cref="OciRefusedException">One of the tags is there, names another manifest, and the namespace says that it stays.</exception>
    /// <param name="digest">What the tags shall name; null deletes them.</param>
    public static async Task DemandFreeAsync(Change change, string repository, long id, IReadOnlyCollection<string> tags, string? digest)
    {
        // Those that only the ticket of a build sets are not for people to keep.
        var set = tags.Where(tag => !ImageRights.IsOfBuild(tag)).ToArray();
        if (set.Length == 0)
            return;
        var text = new StatementText();
        text.Add($"""{Kept(text, repository, id)} AND t."Name" IN ({string.Join(", ", set.Select(tag => text.Value(tag)))})""");
        if (digest is not null)
            text.Add($"""AND t."ManifestDigest" <> {text.Value(digest)}""");
        await DemandAsync(change, repository, text, digest is null ? "deleted" : "moved");
    }

    /// <summary>The same for the manifest that goes with its tags.</summary>
    public static async Task DemandFreeAsync(Change change, string repository, long id, string manifest)
    {
        var text = new StatementText();
        text.Add($"""{Kept(text, repository, id)} AND t."ManifestDigest" = {text.Value(manifest)}""");
        await DemandAsync(change, repository, text, "deleted");
    }

    // Of a namespace without such a rule the database has nothing to answer.
    private static string Kept(StatementText text, string repository, long id) =>
        $"""
        SELECT n."ImmutableTags", t."Name", t."ManifestDigest" FROM image_tags t JOIN namespaces n ON n."Name" = {text.Value(RepositoryNames.SpaceOf(repository))} AND n."ImmutableTags" IS NOT NULL
        WHERE t."RepositoryId" = {text.Value(id)}
        """;

    private static async Task DemandAsync(Change change, string repository, StatementText text, string done)
    {
        var rows = await change.Db.QueryAsync(text.Whole, row => (Rule: row.GetString(0), Tag: row.GetString(1), Digest: row.GetString(2)), change.Cancellation);
        foreach (var (rule, tag, digest) in rows)
        {
            if (Json.Read<string[]>(rule).FirstOrDefault(pattern => FileSystemName.MatchesSimpleExpression(pattern, tag, ignoreCase: false)) is { } pattern)
                throw new OciRefusedException(OciError.Denied(409, $"The tag {tag} of {repository} is not {done}: {RepositoryNames.SpaceOf(repository)} keeps tags like {pattern} as they are (immutableTags), and it names {digest}. Use another tag."));
        }
    }
}
