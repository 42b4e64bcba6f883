using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
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
    // A form is served without its time rather than late.
    private const string Deprecated = "version.deprecated";
    private const string Undeprecated = "version.undeprecated";
    private const string Yanked = "version.yanked";
    private const string Unyanked = "version.unyanked";
    private static readonly string[] Kinds = [Deprecated, Undeprecated, Yanked, Unyanked];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private readonly ConditionalWeakTable<Freshness, ConcurrentDictionary<long, long>> _known = [];
    private long _failedAt = -1;

    public async ValueTask<DeprecationTime> OfAsync(ComponentEntry component, VersionEntry version, CancellationToken cancellation)
    {
        if (!version.Deprecated && !version.Yanked)
            return new DeprecationTime(null, true);
        var known = _known.GetOrCreateValue(component.Freshness);
        if (known.TryGetValue(version.Id, out var at))
            return new DeprecationTime(at, true);
        if (Interlocked.Read(ref _failedAt) is >= 0 and var failed && clock.GetElapsedTime(failed) < Pause)
            return default;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            if (await AskAsync(component.Subject, version.Number.ToString(), limit.Token) is not { } told)
                return new DeprecationTime(null, true);
            return new DeprecationTime(known[version.Id] = told, true);
        }
        catch (Exception away) when (DatabaseFaults.IsAway(away) || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Interlocked.Exchange(ref _failedAt, clock.GetTimestamp());
            return default;
        }
    }

    /// <summary>The first event since the version was last as it should be: naming another successor begins nothing anew.</summary>
    private async Task<long?> AskAsync(string subject, string number, CancellationToken cancellation)
    {
        var told = await database.ReadAsync(db => db.Events.AsNoTracking()
            .Where(entry => entry.Subject == subject && Kinds.Contains(entry.Kind))
            .OrderByDescending(entry => entry.Serial).Select(entry => new { entry.At, entry.Kind, entry.Payload }).ToListAsync(cancellation), cancellation);
        var own = told.Where(entry => VersionOf(entry.Payload) == number).ToList();
        long? Since(string begun, string ended) => own.Where(entry => entry.Kind == begun || entry.Kind == ended)
            .TakeWhile(entry => entry.Kind == begun).Select(entry => (long?)entry.At / 1000).LastOrDefault();
        return new[] { Since(Deprecated, Undeprecated), Since(Yanked, Unyanked) }.Min();
    }

    private static string? VersionOf(string payload) => Json.Read<JsonElement>(payload).TryGetProperty("version", out var number) ? number.GetString() : null;
}
