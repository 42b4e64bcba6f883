using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Storage;

/// <summary>
/// Rows that many may want to make at once, worded alike on both databases: a conflict is no error but the row of the one who was first.
/// Who decides something from several rows of a component (the next version, what <c>latest</c> means) locks its row before any other
/// and holds it to the end of the transaction; in another order two transactions would wait for each other.
/// </summary>
public static class ComponentRows
{
    /// <summary>Makes the namespace unless it is there; true when it is new.</summary>
    public static async Task<bool> UseNamespaceAsync(this Change change, string space) => await change.Db.Database.ExecuteSqlAsync(
        $"""INSERT INTO namespaces ("Name", "CreatedAt") VALUES ({space}, {change.Now}) ON CONFLICT ("Name") DO NOTHING""", change.Cancellation) == 1;

    /// <summary>Id of the component, made when it is new; its row is ours.</summary>
    public static async Task<long> UseComponentAsync(this Change change, string space, string name)
    {
        if (await change.LockComponentAsync(space, name) is { } known)
            return known;
        await change.UseNamespaceAsync(space);
        await change.Db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO components ("NamespaceId", "Name", "Kind", "DisplayName", "Description", "Tags", "CreatedAt", "UpdatedAt")
            SELECT "Id", {name}, 'component', '', '', '[]', {change.Now}, {change.Now} FROM namespaces WHERE "Name" = {space}
            ON CONFLICT ("NamespaceId", "Name") DO NOTHING
            """, change.Cancellation);
        return (await change.LockComponentAsync(space, name))!.Value;
    }

    /// <summary>Id of the component, whose row is now ours; null when there is none.</summary>
    public static async Task<long?> LockComponentAsync(this Change change, string space, string name)
    {
        var ids = await change.Db.Database.SqlQuery<long>(
            $"""
            UPDATE components SET "Name" = "Name"
            WHERE "Name" = {name} AND "NamespaceId" = (SELECT "Id" FROM namespaces WHERE "Name" = {space}) RETURNING "Id" AS "Value"
            """).ToListAsync(change.Cancellation);
        return ids is [var id] ? id : null;
    }

    /// <summary>The same for one whose id is known.</summary>
    public static Task LockComponentAsync(this Change change, long id) => change.Db.Database.ExecuteSqlAsync(
        $"""UPDATE components SET "Name" = "Name" WHERE "Id" = {id}""", change.Cancellation);
}
