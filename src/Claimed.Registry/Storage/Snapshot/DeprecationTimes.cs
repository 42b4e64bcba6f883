using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Claimed.Registry.Http;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>When versions were deprecated, from the events: asked once for each, and again when its component has changed.</summary>
public sealed class DeprecationTimes(RegistryDatabase database)
{
    private readonly ConditionalWeakTable<Freshness, ConcurrentDictionary<long, long>> _known = [];

    /// <summary>Unix seconds; null for a version that is not deprecated, and as long as the database cannot be asked.</summary>
    public async Task<long?> OfAsync(ComponentEntry component, VersionEntry version, CancellationToken cancellation)
    {
        if (!version.Deprecated)
            return null;
        var known = _known.GetOrCreateValue(component.Freshness);
        if (known.TryGetValue(version.Id, out var at))
            return at;
        try
        {
            var told = await database.ReadAsync(db => db.Events.AsNoTracking().Where(entry => entry.Subject == component.Subject && entry.Kind == "version.deprecated")
                .OrderByDescending(entry => entry.Serial).Select(entry => new { entry.At, entry.Payload }).ToListAsync(cancellation), cancellation);
            var number = version.Number.ToString();
            if (told.Where(entry => VersionOf(entry.Payload) == number).Select(entry => (long?)entry.At).LastOrDefault() is not { } first)
                return null;
            return known[version.Id] = first / 1000;
        }
        catch (Exception away) when (DatabaseFaults.IsAway(away))
        {
            return null;
        }
    }

    private static string? VersionOf(string payload) => Json.Read<JsonElement>(payload).TryGetProperty("version", out var number) ? number.GetString() : null;
}
