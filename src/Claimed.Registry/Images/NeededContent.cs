using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>What a manifest needs must be in its repository before it.</summary>
internal static class NeededContent
{
    /// <exception cref="OciRefusedException">Something of it is not there, says the answer.</exception>
    public static async Task AskAsync(Change change, Questions questions, string repository, long id, Manifest manifest)
    {
        var missing = manifest.NeededBlobs.Select(digest => (IsManifest: false, Digest: digest))
            .Concat(manifest.Manifests.Select(entry => (IsManifest: true, entry.Digest))).ToHashSet();
        var parts = missing.Chunk(ImageRows.MostValues).ToList();
        foreach (var (index, part) in parts.Index())
        {
            // Very many go in texts of their own: SQLite looks for each value in each statement of a text.
            if (parts.Count > 1)
                await questions.AnswerAsync(change);
            var selects = part.ToLookup(one => one.IsManifest, one => one.Digest).Select(kind => Find(questions.Text, id, kind.Key, kind));
            questions.Ask(string.Join(" UNION ALL ", selects), row => (row.GetInt32(0) == 1, row.GetString(1)), found =>
            {
                missing.ExceptWith(found);
                if (index == parts.Count - 1 && missing.Count > 0)
                    throw Refused(repository, [.. missing.Select(one => one.Digest).Distinct(StringComparer.Ordinal)]);
            });
        }
    }

    private static string Find(StatementText text, long id, bool isManifest, IEnumerable<string> digests) =>
        $"""
        SELECT {(isManifest ? 1 : 0)}, "Digest" FROM {(isManifest ? "image_manifests" : "image_blobs")}
        WHERE "RepositoryId" = {text.Value(id)} AND "Digest" IN ({string.Join(", ", digests.Select(digest => text.Value(digest)))})
        """;

    private static OciRefusedException Refused(string repository, string[] missing) => new(new OciError(400, "MANIFEST_BLOB_UNKNOWN",
        $"Repository {repository} lacks {missing[0]}{(missing.Length > 1 ? $" and {missing.Length - 1} more" : "")}, which the manifest needs. Push or mount it first.",
        missing.Select(digest => new { digest }).ToArray()));
}
