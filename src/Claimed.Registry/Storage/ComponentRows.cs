using System.Data.Common;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
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
    public static async Task<bool> UseNamespaceAsync(this Change change, string space)
    {
        var isNew = await change.Db.Database.ExecuteSqlAsync(
            $"""INSERT INTO namespaces ("Name", "CreatedAt") VALUES ({space}, {change.Now}) ON CONFLICT ("Name") DO NOTHING""", change.Cancellation) == 1;
        if (isNew)
            await NamespaceRecount.RunAsync(change, space);
        return isNew;
    }

    /// <summary>The component, made when it is new, and its namespace with it where the actor may; its row is ours.</summary>
    /// <exception cref="RefusedException">There is no such namespace.</exception>
    public static async Task<HeldComponent> UseComponentAsync(this Change change, string space, string name)
    {
        var known = await change.HoldComponentAsync(
            $"""
            UPDATE components SET "Name" = "Name" WHERE "Name" = {name} AND "NamespaceId" = (SELECT "Id" FROM namespaces WHERE "Name" = {space})
            RETURNING "Id", "NamespaceId", "Kind", "DisplayName", "Description", "Category", "GroupName", "Tags", "CreatedAt", "UpdatedAt";
            SELECT v."Id", v."Number", v."State", v."BundleDigest", v."Yanked", v."ExpiresAt" IS NOT NULL,
              v."State" = 'queued' AND EXISTS (SELECT 1 FROM builds b WHERE b."VersionId" = v."Id" AND b."State" = 'deferred') FROM versions v JOIN components c ON c."Id" = v."ComponentId"
            WHERE c."Name" = {name} AND c."NamespaceId" = (SELECT "Id" FROM namespaces WHERE "Name" = {space})
            """, name);
        if (known is not null)
            return known;
        if (Actor.Current.MakesNamespaces)
            await change.UseNamespaceAsync(space);
        return await change.HoldComponentAsync(
            $"""
            INSERT INTO components ("NamespaceId", "Name", "Kind", "DisplayName", "Description", "Tags", "CreatedAt", "UpdatedAt")
            SELECT "Id", {name}, 'component', '', '', '[]', {change.Now}, {change.Now} FROM namespaces WHERE "Name" = {space}
            ON CONFLICT ("NamespaceId", "Name") DO UPDATE SET "Name" = excluded."Name"
            RETURNING "Id", "NamespaceId", "Kind", "DisplayName", "Description", "Category", "GroupName", "Tags", "CreatedAt", "UpdatedAt";
            SELECT v."Id", v."Number", v."State", v."BundleDigest", v."Yanked", v."ExpiresAt" IS NOT NULL,
              v."State" = 'queued' AND EXISTS (SELECT 1 FROM builds b WHERE b."VersionId" = v."Id" AND b."State" = 'deferred') FROM versions v JOIN components c ON c."Id" = v."ComponentId"
            WHERE c."Name" = {name} AND c."NamespaceId" = (SELECT "Id" FROM namespaces WHERE "Name" = {space})
            """, name) ?? throw new RefusedException(Missing.Namespace(space));
    }

    /// <summary>Id of the component, whose row is now ours; null when there is none.</summary>
    public static async Task<long?> LockComponentAsync(this Change change, string space, string name)
    {
        var ids = await change.Db.QueryAsync(
            $"""
            UPDATE components SET "Name" = "Name"
            WHERE "Name" = {name} AND "NamespaceId" = (SELECT "Id" FROM namespaces WHERE "Name" = {space}) RETURNING "Id"
            """, row => row.GetInt64(0), change.Cancellation);
        return ids is [var id] ? id : null;
    }

    /// <summary>The same for one whose id is known.</summary>
    public static Task LockComponentAsync(this Change change, long id) => change.Db.Database.ExecuteSqlAsync(
        $"""UPDATE components SET "Name" = "Name" WHERE "Id" = {id}""", change.Cancellation);

    // The versions come in the same round trip; each statement sees what is committed when it begins, so these are read with the row held.
    private static async Task<HeldComponent?> HoldComponentAsync(this Change change, FormattableString sql, string name)
    {
        var (components, versions) = (new List<Component>(), new List<HeldVersion>());
        await change.Db.RunAsync(sql, change.Cancellation,
            Statements.Into(components, row => Read(row, name)),
            Statements.Into(versions, row => new HeldVersion(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), row.GetBoolean(5), row.GetBoolean(6))));
        if (components is not [var component])
            return null;
        change.Db.Components.Attach(component);
        return new HeldComponent(component, versions);
    }

    private static Component Read(DbDataReader row, string name) => new()
    {
        Id = row.GetInt64(0),
        NamespaceId = row.GetInt64(1),
        Name = name,
        Kind = row.GetString(2),
        DisplayName = row.GetString(3),
        Description = row.GetString(4),
        Category = row.IsDBNull(5) ? null : row.GetString(5),
        GroupName = row.IsDBNull(6) ? null : row.GetString(6),
        Tags = row.GetString(7),
        CreatedAt = row.GetInt64(8),
        UpdatedAt = row.GetInt64(9),
    };
}

/// <summary>A component whose row is held to the end of the transaction.</summary>
/// <param name="Component">Tracked.</param>
/// <param name="Versions">What decides about the next version; not tracked, and without the texts, which may be long.</param>
public sealed record HeldComponent(Component Component, IReadOnlyList<HeldVersion> Versions);

/// <summary>What is there of a version.</summary>
/// <param name="Expires">Whether it goes by itself.</param>
/// <param name="IsDeferred">Whether its build waits until somebody asks for it.</param>
public sealed record HeldVersion(long Id, string Number, string State, string BundleDigest, bool Yanked, bool Expires, bool IsDeferred)
{
    /// <summary>Whether other files may take its number: nobody has had anything of it.</summary>
    public bool IsReplaceable => State == VersionState.Failed || IsDeferred;

    /// <summary>Whether somebody wanted it, or it is there.</summary>
    public bool IsWanted => !IsDeferred && State is VersionState.Queued or VersionState.Building or VersionState.Ready;
}
