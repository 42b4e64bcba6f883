using System.Text.Json;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Versions;

/// <summary>Takes what purged versions held out of the store, once no row names it: when one is purged, and at the start what a killed process left.</summary>
public sealed partial class PurgedBytes(RegistryDatabase database, IBlobStore blobs, Readiness readiness, TimeProvider clock, ILogger<PurgedBytes> logger) : BackgroundService
{
    /// <summary>Kind of the event that lists the digests a version held.</summary>
    public const string Event = "version.purged";

    // What someone has just put may be named by a transaction that is about to commit.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What the purge of a version took from its rows.</summary>
    public async Task<IReadOnlyList<string>> HeldAsync(string subject, string number, CancellationToken cancellation)
    {
        var events = await PurgesAsync(subject, cancellation);
        return [.. events.Where(payload => payload.GetProperty("version").GetString() == number).SelectMany(Digests).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Removes bytes that no row names, and waits until they have been left alone for long enough. What stays then, a later start or gc takes.</summary>
    /// <returns>How many stay.</returns>
    public async Task<int> RemoveAsync(IReadOnlyList<string> held, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var left = new List<string>();
        foreach (var digest in held)
        {
            if (await blobs.FindAsync(digest, cancellation) is not null)
                left.Add(digest);
        }
        if (left.Count == 0)
            return 0;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        try
        {
            do
            {
                // Before the look at the rows: one that comes after it names a blob that was touched just before, hence after this.
                var idleSince = clock.GetUtcNow() - Idle;
                var named = await database.ReadAsync(db => NamedBlobs.SetAsync(db, cancellation), cancellation);
                foreach (var digest in left.ToArray())
                {
                    if (named.Contains(NamedBlobs.Short(digest)) || await blobs.DeleteIdleAsync(digest, idleSince, cancellation)
                        || await blobs.FindAsync(digest, cancellation) is null)
                        left.Remove(digest);
                }
            }
            while (left.Count > 0 && clock.GetElapsedTime(began) < Patience && await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The process ends; its next start goes on.
        }
        if (left.Count > 0)
            LogLeft(logger, left.Count);
        return left.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        try
        {
            var events = await PurgesAsync(null, stoppingToken);
            await RemoveAsync([.. events.SelectMany(Digests).Distinct(StringComparer.Ordinal)], stoppingToken);
        }
        catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(logger, fault);
        }
    }

    private async Task<List<JsonElement>> PurgesAsync(string? subject, CancellationToken cancellation)
    {
        var payloads = await database.ReadAsync(db => db.Events.Where(row => row.Kind == Event && (subject == null || row.Subject == subject))
            .Select(row => row.Payload).ToListAsync(cancellation), cancellation);
        return payloads.ConvertAll(payload => JsonElement.Parse(payload));
    }

    private static IEnumerable<string> Digests(JsonElement payload) => payload.GetProperty("digests").EnumerateArray().Select(digest => digest.GetString()!);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} blobs of purged versions are in use at this moment and stay until the next start or gc.")]
    private static partial void LogLeft(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What purged versions held could not be looked for; the next start tries again.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
