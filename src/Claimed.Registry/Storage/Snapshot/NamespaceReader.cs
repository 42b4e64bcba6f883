using System.Collections.Frozen;
using Claimed.Database;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>Reads namespaces with their members.</summary>
internal static class NamespaceReader
{
    /// <summary>All, or the one of that name (none when there is none).</summary>
    public static async Task<IReadOnlyList<NamespaceEntry>> ReadAsync(RegistryContext db, string? only, CancellationToken cancellation)
    {
        var spaces = await db.Namespaces.AsNoTracking().Where(row => only == null || row.Name == only).ToListAsync(cancellation);
        var members = await db.Members.AsNoTracking().Where(row => only == null || row.Namespace!.Name == only).ToListAsync(cancellation);
        var byNamespace = members.ToLookup(member => member.NamespaceId);
        return spaces.ConvertAll(space => new NamespaceEntry(space.Name, space.IsPrivate, space.OnlyTrusted, space.CreatedAt,
            byNamespace[space.Id].ToFrozenDictionary(member => (member.Kind, member.Name), member => member.Role))
        {
            QuotaBytes = space.QuotaBytes,
            QuotaRepositories = space.QuotaRepositories,
            ImmutableTags = space.ImmutableTags is null ? [] : Http.Json.Read<string[]>(space.ImmutableTags),
            Retention = RetentionRule.Read(space.Retention),
            BuildLimits = space.BuildLimits,
        });
    }
}
