using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Claimed.Database;
using Claimed.Registry.Http;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>When a version was deprecated or yanked, whichever was first.</summary>
/// <param name="At">Unix seconds; null for one that is neither.</param>
/// <param name="IsKnown">False while the database cannot be asked.</param>
public readonly record struct DeprecationTime(long? At, bool IsKnown);

/// <summary>When versions were deprecated or yanked, from the events: asked once for each, and again when its component has changed.</summary>
public sealed class DeprecationTimes(RegistryDatabase database, TimeProvider clock)
{
    private const string Deprecated = "version.deprecated";
    private const string Undeprecated = "version.undeprecated";
    private const string Yanked = "version.yanked";
    private const string Unyanked = "version.unyanked";
    private static readonly string[] Kinds = [Deprecated, Undeprecated, Yanked, Unyanked];

    private readonly ConditionalWeakTable<Freshness, ConcurrentDictionary<long, long>> _known = [];
    private readonly PatientReads _reads = new(database, clock);

    public async ValueTask<DeprecationTime> OfAsync(ComponentEntry component, VersionEntry version, CancellationToken cancellation)
    {
        if (!version.Deprecated && !version.Yanked)
            return new DeprecationTime(null, true);
        var known = _known.GetOrCreateValue(component.Freshness);
        if (known.TryGetValue(version.Id, out var at))
            return new DeprecationTime(at, true);
        var told = await _reads.AskAsync((db, limit) => AskAsync(db, component.Subject, version.Number.ToString(), limit), cancellation);
        if (told.Value is { } since)
            known[version.Id] = since;
        return new DeprecationTime(told.Value, told.IsKnown);
    }

    /// <summary>The first event since the version was last as it should be: naming another successor begins nothing anew.</summary>
    private static async Task<long?> AskAsync(RegistryContext db, string subject, string number, CancellationToken cancellation)
    {
        var told = await db.Events.AsNoTracking()
            .Where(entry => entry.Subject == subject && Kinds.Contains(entry.Kind))
            .OrderByDescending(entry => entry.Serial).Select(entry => new { entry.At, entry.Kind, entry.Payload }).ToListAsync(cancellation);
        var own = told.Where(entry => VersionOf(entry.Payload) == number).ToList();
        long? Since(string begun, string ended) => own.Where(entry => entry.Kind == begun || entry.Kind == ended)
            .TakeWhile(entry => entry.Kind == begun).Select(entry => (long?)entry.At / 1000).LastOrDefault();
        return new[] { Since(Deprecated, Undeprecated), Since(Yanked, Unyanked) }.Min();
    }

    private static string? VersionOf(string payload) => Json.Read<JsonElement>(payload).TryGetProperty("version", out var number) ? number.GetString() : null;
}
