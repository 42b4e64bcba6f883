using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Storage;

/// <summary>Counts anew what the repositories of a namespace hold. Images may be older than their namespace.</summary>
internal static class NamespaceRecount
{
    /// <summary>For a namespace whose row this transaction holds.</summary>
    public static Task RunAsync(Change change, string space)
    {
        var (from, to) = RepositoryNames.Of(space);
        return change.Db.Database.ExecuteSqlAsync(
            $"""
            UPDATE namespaces SET
              "UsedBytes" = CAST((SELECT coalesce(sum(held."Size"), 0) FROM (
                SELECT b."Digest", b."Size" FROM image_repositories r JOIN image_blobs b ON b."RepositoryId" = r."Id" WHERE r."Name" > {from} AND r."Name" < {to}
                UNION SELECT m."Digest", m."Size" FROM image_repositories r JOIN image_manifests m ON m."RepositoryId" = r."Id" WHERE r."Name" > {from} AND r."Name" < {to}) held) AS BIGINT),
              "UsedRepositories" = (SELECT count(*) FROM image_repositories r WHERE r."Name" > {from} AND r."Name" < {to}
                AND (EXISTS (SELECT 1 FROM image_blobs b WHERE b."RepositoryId" = r."Id") OR EXISTS (SELECT 1 FROM image_manifests m WHERE m."RepositoryId" = r."Id")))
            WHERE "Name" = {space}
            """, change.Cancellation);
    }
}
