using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Claimed.Database.Access;
using Claimed.Registry.Access.Limits;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Access.Audit;

/// <summary>
/// Records refused acts; those that were done are recorded with their events. Written behind the answers, so that a flood of refusals
/// costs its senders and not the database: what a limit refuses is one row for an address and minute, and what does not fit is counted and told.
/// </summary>
public sealed partial class RefusalAudit(RegistryDatabase database, SnapshotFeed feed, Readiness readiness, TimeProvider clock, ILogger<RefusalAudit> logger) : BackgroundService
{
    /// <summary>Kind of the row that says how many are missing.</summary>
    public const string Lost = "audit.lost";

    internal const int Waiting = 2000;
    private const int AtOnce = 200;
    private const int MostAddresses = 1000;
    private const long Minute = 60_000;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);
    // A full channel says so; one that drops by itself would say that it took everything.
    private readonly Channel<AuditEntry> _entries = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.Wait });
    private readonly ConcurrentDictionary<(string Address, long Minute), long> _limited = new();
    private readonly List<AuditEntry> _batch = [];
    private long _dropped;

    /// <summary>Takes note of a request that was answered with a refusal.</summary>
    /// <param name="route">The values of its route, which say the subject.</param>
    /// <param name="outcome">What came of it, where the status does not say it.</param>
    public void Note(HttpContext context, RouteValueDictionary route, string? outcome = null)
    {
        var (caller, request) = (Caller.Of(context), context.Request);
        var space = route["namespace"] as string ?? NamespaceOfPath(request.Path.Value ?? "");
        var name = route["name"] as string;
        Add(new AuditEntry
        {
            At = Now,
            Who = caller.Name,
            Address = context.Connection.RemoteIpAddress?.ToString(),
            TokenId = caller.TokenId,
            // Queries are left out.
            Action = Shown($"{request.Method} {request.Path}"),
            Subject = Shown(name is null ? space ?? "" : $"{space}/{name}"),
            Namespace = space is not null && feed.Current.Namespaces.ContainsKey(space) ? space : null,
            Outcome = outcome ?? $"refused {context.Response.StatusCode}",
        });
    }

    /// <summary>Counts a request that a limit refused.</summary>
    public void Count(HttpContext context)
    {
        var key = (AddressKey.Of(context), Now / Minute);
        if (_limited.Count >= MostAddresses && !_limited.ContainsKey(key))
            key.Item1 = "many addresses";
        _limited.AddOrUpdate(key, 1, (_, count) => count + 1);
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private void Add(AuditEntry entry)
    {
        if (!_entries.Writer.TryWrite(entry))
            Interlocked.Increment(ref _dropped);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        await Task.WhenAll(WriteAsync(stoppingToken), CloseMinutesAsync(stoppingToken));
    }

    private async Task WriteAsync(CancellationToken stoppingToken)
    {
        while (await _entries.Reader.WaitToReadAsync(stoppingToken))
        {
            try
            {
                await WriteBatchAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogLater(logger, _batch.Count, fault);
                await Task.Delay(Again, clock, stoppingToken);
            }
        }
    }

    private async Task CloseMinutesAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Again, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var entry in Closed(Now / Minute))
                Add(entry);
        }
    }

    /// <summary>Rows of the minutes before this one.</summary>
    private IEnumerable<AuditEntry> Closed(long minute)
    {
        foreach (var key in _limited.Keys.Where(key => key.Minute < minute))
        {
            if (_limited.TryRemove(key, out var count))
                yield return new AuditEntry
                {
                    At = key.Minute * Minute,
                    Who = Caller.Anonymous.Name,
                    Address = key.Address,
                    Action = string.Create(CultureInfo.InvariantCulture, $"{count} requests in a minute above a limit"),
                    Subject = "",
                    Outcome = "refused 429",
                };
        }
    }

    /// <summary>Writes what waits, and how many had no room; keeps both when that fails.</summary>
    private async Task WriteBatchAsync(CancellationToken cancellation)
    {
        while (_batch.Count < AtOnce && _entries.Reader.TryRead(out var entry))
            _batch.Add(entry);
        if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
        {
            LogDropped(logger, dropped);
            _batch.Add(new AuditEntry { At = Now, Who = "registry", Action = Lost, Subject = string.Create(CultureInfo.InvariantCulture, $"{dropped} refusals"), Outcome = "lost" });
        }
        if (_batch.Count == 0)
            return;
        await database.ChangeAsync(change =>
        {
            // A transaction that came to nothing may have given them numbers that others have now.
            foreach (var entry in _batch)
                entry.Id = 0;
            change.Db.Audit.AddRange(_batch);
            return Task.CompletedTask;
        }, cancellation);
        _batch.Clear();
    }

    /// <summary>Writes what is left, the minute under way included.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _entries.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        if (!readiness.IsLoaded)
            return;
        try
        {
            _batch.AddRange(Closed(long.MaxValue));
            do
                await WriteBatchAsync(cancellationToken);
            while (_entries.Reader.Count > 0);
        }
        catch (Exception fault)
        {
            LogLost(logger, _batch.Count + _entries.Reader.Count, fault);
        }
    }

    private static string? NamespaceOfPath(string path) => path.StartsWith("/v2/", StringComparison.Ordinal) ? path.Split('/') is [_, _, var space, _, ..] ? space : null : null;

    private static string Shown(string text)
    {
        var shown = SecretText.Hide(text);
        return shown.Length <= 300 ? shown : shown[..300];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} refusals wait to be recorded.")]
    private static partial void LogLater(ILogger logger, int count, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} refusals came faster than they could be recorded, and were not.")]
    private static partial void LogDropped(ILogger logger, long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} refusals could not be recorded before the end.")]
    private static partial void LogLost(ILogger logger, int count, Exception fault);
}
