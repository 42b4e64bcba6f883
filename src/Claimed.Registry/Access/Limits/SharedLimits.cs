using System.Collections.Concurrent;
using System.Globalization;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Limits;

/// <summary>How much of a limit is left.</summary>
/// <param name="IsWithin">Whether the request may go on.</param>
/// <param name="Remaining">At this node, at least.</param>
/// <param name="Resets">Seconds until the window ends.</param>
public sealed record Allowance(bool IsWithin, int Limit, int Remaining, int Resets)
{
    public void WriteTo(HttpResponse response)
    {
        response.Headers["RateLimit-Limit"] = Limit.ToString(CultureInfo.InvariantCulture);
        response.Headers["RateLimit-Remaining"] = Remaining.ToString(CultureInfo.InvariantCulture);
        response.Headers["RateLimit-Reset"] = Resets.ToString(CultureInfo.InvariantCulture);
    }

    public Refusal Refusal(string what) => new(429, "too-many-requests", "Too many requests.",
        $"{what}: {Limit} in a minute are the most. Wait {Resets} seconds; the registry's operator sets the limit (Limits__…).")
    { RetryAfter = Resets };
}

/// <summary>
/// Limits per minute that all nodes share through the database. A node takes a twentieth of a limit at a time, so that most requests cost
/// no statement; while the database is away each node counts alone.
/// </summary>
public sealed partial class SharedLimits(RegistryDatabase database, Readiness readiness, TimeProvider clock, ILogger<SharedLimits> logger) : BackgroundService
{
    private const long Window = 60_000;
    private const int Parts = 20;
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, Share> _shares = new(StringComparer.Ordinal);

    /// <param name="key">Kind and who, such as <c>write token 17</c>.</param>
    /// <param name="limit">Per minute; 0 for none.</param>
    /// <returns>Null where there is no limit.</returns>
    public async Task<Allowance?> TakeAsync(string key, int limit, CancellationToken cancellation)
    {
        if (limit <= 0)
            return null;
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var window = now / Window * Window;
        var share = _shares.AddOrUpdate(key, _ => new Share(window), (_, known) => known.Window == window ? known : new Share(window));
        var resets = (int)((window + Window - now + 999) / 1000);
        if (share.TryTake(out var left))
            return new Allowance(true, limit, left, resets);
        await share.Turn.WaitAsync(cancellation);
        try
        {
            // Another request may have fetched meanwhile.
            if (share.TryTake(out left))
                return new Allowance(true, limit, left, resets);
            if (share.IsExhausted)
                return new Allowance(false, limit, 0, resets);
            share.Add(await FetchAsync(key, window, limit, cancellation));
        }
        finally
        {
            share.Turn.Release();
        }
        return new Allowance(share.TryTake(out left), limit, left, resets);
    }

    /// <summary>The next part of the limit, or what is left of it.</summary>
    private async Task<int> FetchAsync(string key, long window, int limit, CancellationToken cancellation)
    {
        var part = Math.Max(1, limit / Parts);
        // Counted is whoever asks, and most of all who may not.
        Actor.Current = Actor.Current with { Refuses = null };
        try
        {
            var used = await database.ChangeAsync(change => change.Db.QueryAsync(
                $"""
                INSERT INTO rate_counts ("Key", "Window", "Used") VALUES ({key}, {window}, {part})
                ON CONFLICT ("Key", "Window") DO UPDATE SET "Used" = rate_counts."Used" + {part} WHERE rate_counts."Used" < {limit}
                RETURNING "Used"
                """, row => row.GetInt64(0), change.Cancellation), cancellation);
            return used is [var sum] ? (int)Math.Max(0, part - Math.Max(0, sum - limit)) : 0;
        }
        catch (Exception fault) when (DatabaseFaults.IsAway(fault))
        {
            LogAlone(logger, fault);
            return part;
        }
    }

    /// <summary>Removes what is over.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Keep, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var old = clock.GetUtcNow().ToUnixTimeMilliseconds() - (long)Keep.TotalMilliseconds;
            foreach (var (key, share) in _shares.Where(share => share.Value.Window < old))
                _shares.TryRemove(KeyValuePair.Create(key, share));
            try
            {
                await database.ChangeAsync(change => change.Db.RateCounts.Where(row => row.Window < old).ExecuteDeleteAsync(change.Cancellation), stoppingToken);
            }
            catch (Exception fault) when (DatabaseFaults.IsAway(fault))
            {
                LogAlone(logger, fault);
            }
        }
    }

    /// <summary>What this node has taken of one limit in one window.</summary>
    private sealed class Share(long window)
    {
        private int _left;

        public long Window { get; } = window;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public bool IsExhausted { get; private set; }

        public bool TryTake(out int left)
        {
            left = Interlocked.Decrement(ref _left);
            if (left >= 0)
                return true;
            Interlocked.Increment(ref _left);
            left = 0;
            return false;
        }

        public void Add(int count)
        {
            IsExhausted = count == 0;
            Interlocked.Add(ref _left, count);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Limits are counted by this node alone, because the database does not answer.")]
    private static partial void LogAlone(ILogger logger, Exception fault);
}
