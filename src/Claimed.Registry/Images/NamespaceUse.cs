using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>
/// Counts what the repositories of a namespace hold, on the namespace's row and in the transaction that changes their rows. That row is held
/// by then (<see cref="ImageRows"/> takes it before the repository's), so that of two pushes at once the second sees what the first wrote: a blob
/// in two repositories counts once. Plain statements, without anything kept in memory: several pushes may share a transaction.
/// </summary>
internal static class NamespaceUse
{
    /// <summary>Counts a blob or manifest whose row is about to be written.</summary>
    /// <param name="isBounded">False for what a proxy keeps, which has a bound of its own and makes room.</param>
    /// <exception cref="OciRefusedException">It is new and does not fit into the quota, says the answer.</exception>
    public static void AskToAdd(Questions questions, string repository, long id, string digest, long size, bool isBounded = true)
    {
        var (space, text) = (RepositoryNames.SpaceOf(repository), questions.Text);
        questions.Ask($"""
            UPDATE namespaces SET "UsedBytes" = "UsedBytes" + {text.Value(size)} WHERE "Name" = {text.Value(space)} AND NOT ({Held(text, space, digest)})
            RETURNING "UsedBytes", "QuotaBytes"
            """, Read, bytes =>
        {
            if (isBounded && bytes is [{ Quota: { } most, Used: var used }] && used > most)
                throw new OciRefusedException(NamespaceQuota.BytesRefused(space, used - size, size, most));
        });
        questions.Ask($"""
            UPDATE namespaces SET "UsedRepositories" = "UsedRepositories" + 1 WHERE "Name" = {text.Value(space)} AND {IsEmpty(text, id)}
            RETURNING "UsedRepositories", "QuotaRepositories"
            """, Read, repositories =>
        {
            if (isBounded && repositories is [{ Quota: { } most, Used: var used }] && used > most)
                throw new OciRefusedException(NamespaceQuota.RepositoriesRefused(space, repository, used - 1, most));
        });
    }

    /// <summary>Counts what has no bound of the namespace, at once.</summary>
    public static async Task AddUnboundedAsync(Change change, string repository, long id, string digest, long size)
    {
        var questions = new Questions();
        AskToAdd(questions, repository, id, digest, size, isBounded: false);
        await questions.AnswerAsync(change);
    }

    /// <summary>Takes blobs out of a repository and out of the count; how many were there.</summary>
    public static Task<int> RemoveBlobsAsync(Change change, string repository, long id, IReadOnlyCollection<string> digests) =>
        RemoveAsync(change, "image_blobs", repository, id, digests);

    /// <summary>The same for manifests.</summary>
    public static Task<int> RemoveManifestsAsync(Change change, string repository, long id, IReadOnlyCollection<string> digests) =>
        RemoveAsync(change, "image_manifests", repository, id, digests);

    /// <summary>What a push without a transaction would find: the quota, what is used, and whether it would add anything; null without such a namespace.</summary>
    public static async Task<NamespaceRoom?> LookAsync(Database.RegistryContext db, string repository, string? digest, CancellationToken cancellation)
    {
        var space = RepositoryNames.SpaceOf(repository);
        var text = new StatementText();
        text.Add($"""
            SELECT "UsedBytes", "QuotaBytes", "UsedRepositories", "QuotaRepositories", {(digest is null ? "1 = 0" : Held(text, space, digest))},
              EXISTS (SELECT 1 FROM image_repositories r WHERE r."Name" = {text.Value(repository)}
                AND (EXISTS (SELECT 1 FROM image_blobs b WHERE b."RepositoryId" = r."Id") OR EXISTS (SELECT 1 FROM image_manifests m WHERE m."RepositoryId" = r."Id")))
            FROM namespaces WHERE "Name" = {text.Value(space)}
            """);
        var rows = await db.QueryAsync(text.Whole, row => new NamespaceRoom(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1),
            row.GetInt64(2), row.IsDBNull(3) ? null : row.GetInt64(3), row.GetBoolean(4), row.GetBoolean(5)), cancellation);
        return rows.SingleOrDefault();
    }

    private static async Task<int> RemoveAsync(Change change, string table, string repository, long id, IReadOnlyCollection<string> digests)
    {
        if (digests.Count == 0)
            return 0;
        var (space, removing) = (RepositoryNames.SpaceOf(repository), new StatementText());
        removing.Add($"""
            DELETE FROM {table} WHERE "RepositoryId" = {removing.Value(id)} AND "Digest" IN ({string.Join(", ", digests.Select(digest => removing.Value(digest)))})
            RETURNING "Digest", "Size"
            """);
        var removed = await change.Db.QueryAsync(removing.Whole, row => (Digest: row.GetString(0), Size: row.GetInt64(1)), change.Cancellation);
        if (removed.Count == 0)
            return 0;
        var counting = new StatementText();
        foreach (var (digest, size) in removed)
            counting.Add($"""UPDATE namespaces SET "UsedBytes" = "UsedBytes" - {counting.Value(size)} WHERE "Name" = {counting.Value(space)} AND NOT ({Held(counting, space, digest)});""");
        counting.Add($"""UPDATE namespaces SET "UsedRepositories" = "UsedRepositories" - 1 WHERE "Name" = {counting.Value(space)} AND {IsEmpty(counting, id)};""");
        await change.Db.RunAsync(counting.Whole, change.Cancellation);
        return removed.Count;
    }

    /// <summary>Whether some repository of the namespace has the digest, as a blob or as a manifest.</summary>
    private static string Held(StatementText text, string space, string digest)
    {
        var (after, before) = RepositoryNames.Of(space);
        var range = $"r.\"Name\" > {text.Value(after)} AND r.\"Name\" < {text.Value(before)}";
        return $"""
            EXISTS (SELECT 1 FROM image_blobs b JOIN image_repositories r ON r."Id" = b."RepositoryId" WHERE b."Digest" = {text.Value(digest)} AND {range})
            OR EXISTS (SELECT 1 FROM image_manifests m JOIN image_repositories r ON r."Id" = m."RepositoryId" WHERE m."Digest" = {text.Value(digest)} AND {range})
            """;
    }

    private static string IsEmpty(StatementText text, long repository) =>
        $"""
        NOT EXISTS (SELECT 1 FROM image_blobs WHERE "RepositoryId" = {text.Value(repository)}) AND NOT EXISTS (SELECT 1 FROM image_manifests WHERE "RepositoryId" = {text.Value(repository)})
        """;

    private static (long Used, long? Quota) Read(System.Data.Common.DbDataReader row) => (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1));
}

/// <summary>What a namespace holds and may hold.</summary>
/// <param name="IsHeld">Whether the digest that was asked about is counted already.</param>
/// <param name="IsRepositoryUsed">Whether the repository that was asked about is.</param>
internal sealed record NamespaceRoom(long UsedBytes, long? QuotaBytes, long UsedRepositories, long? QuotaRepositories, bool IsHeld, bool IsRepositoryUsed);
