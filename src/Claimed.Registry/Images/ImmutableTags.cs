using System.IO.Enumeration;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>Tags that a namespace wants neither moved nor deleted by anyone who pushes. The registry's own tags and its retention rules are not bound by it.</summary>
internal static class ImmutableTags
{
    /// <exception cref="OciRefusedException">One of the tags is there, names another manifest, and the namespace says that it stays: so the answer.</exception>
    /// <param name="digest">What the tags shall name; null deletes them.</param>
    public static void Ask(Questions questions, string repository, long id, IReadOnlyCollection<string> tags, string? digest)
    {
        // Those that only the ticket of a build sets are not for people to keep.
        var set = tags.Where(tag => !ImageRights.IsOfBuild(tag)).ToArray();
        if (set.Length == 0)
            return;
        var text = questions.Text;
        var named = $"""t."Name" IN ({string.Join(", ", set.Select(tag => text.Value(tag)))})""";
        Ask(questions, repository, id, digest is null ? named : $"""{named} AND t."ManifestDigest" <> {text.Value(digest)}""", digest is null ? "deleted" : "moved");
    }

    /// <summary>The same for the manifest that goes with its tags.</summary>
    public static void Ask(Questions questions, string repository, long id, string manifest) =>
        Ask(questions, repository, id, $"""t."ManifestDigest" = {questions.Text.Value(manifest)}""", "deleted");

    // Of a namespace without such a rule the database has nothing to answer.
    private static void Ask(Questions questions, string repository, long id, string which, string done) => questions.Ask(
        $"""
        SELECT n."ImmutableTags", t."Name", t."ManifestDigest" FROM image_tags t
        JOIN namespaces n ON n."Name" = {questions.Text.Value(RepositoryNames.SpaceOf(repository))} AND n."ImmutableTags" IS NOT NULL
        WHERE t."RepositoryId" = {questions.Text.Value(id)} AND {which}
        """, row => (row.GetString(0), row.GetString(1), row.GetString(2)), rows => Judge(rows, repository, done));

    private static void Judge(List<(string Rule, string Tag, string Digest)> rows, string repository, string done)
    {
        foreach (var (rule, tag, digest) in rows)
        {
            if (Json.Read<string[]>(rule).FirstOrDefault(pattern => FileSystemName.MatchesSimpleExpression(pattern, tag, ignoreCase: false)) is { } pattern)
                throw new OciRefusedException(OciError.Denied(409, $"The tag {tag} of {repository} is not {done}: {RepositoryNames.SpaceOf(repository)} keeps tags like {pattern} as they are (immutableTags), and it names {digest}. Use another tag."));
        }
    }
}
