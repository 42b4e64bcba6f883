using System.Collections.Concurrent;
using System.Collections.Frozen;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Claimed.Registry.Telemetry;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Webhooks;

/// <summary>
/// Tells webhooks what happened. Events wake it; what is told is read from the tables, from each webhook's cursor on, so that nothing is lost
/// when a process ends. One process at a time delivers for a webhook, each webhook by itself, and no writer ever waits for one.
/// </summary>
internal sealed partial class WebhookCourier : BackgroundService
{
    private const int MostAtOnce = 512;
    private const int MostInARow = 100;
    private const int FarBehind = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastGrace = TimeSpan.FromSeconds(2);

    private readonly WebhookRows _rows;
    private readonly WebhookDeliveries _deliveries;
    private readonly SnapshotFeed _feed;
    private readonly Readiness _readiness;
    private readonly RegistryMetrics _metrics;
    private readonly WebhookOptions _options;
    private readonly bool _isAlone;
    private readonly TimeProvider _clock;
    private readonly ILogger<WebhookCourier> _logger;

    private readonly Wake _wake = new();
    private readonly SignsOfLife<long, (long Fence, long Beat)> _signs;
    private readonly ConcurrentDictionary<string, bool> _stirred = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Task> _running = new();
    private readonly Dictionary<long, Known> _known = [];
    private volatile FrozenSet<string> _spaces = FrozenSet<string>.Empty;

    public WebhookCourier(
        WebhookRows rows, WebhookDeliveries deliveries, SnapshotFeed feed, Readiness readiness, RegistryMetrics metrics, IOptions<WebhookOptions> options,
        IOptions<DatabaseOptions> database, TimeProvider clock, ILogger<WebhookCourier> logger)
    {
        (_rows, _deliveries, _feed, _readiness, _metrics, _options, _clock, _logger) = (rows, deliveries, feed, readiness, metrics, options.Value, clock, logger);
        _signs = new SignsOfLife<long, (long Fence, long Beat)>(clock);
        // On SQLite this process alone delivers: what another holds, died.
        _isAlone = database.Value.IsSqlite;
        if (_options.Enabled)
            feed.Seen += Notice;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Enabled)
            return;
        await _readiness.Loaded.WaitAsync(stoppingToken);
        var failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var isIdle = false;
            try
            {
                isIdle = await LookAsync(stoppingToken);
                failing = false;
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                    LogLookFailed(_logger, fault);
                failing = true;
                // What it had noticed is gone with the look.
                foreach (var known in _known.Values)
                    known.IsDirty = true;
            }
            // In a burst many events are one look.
            await Task.Delay(Breath, _clock, stoppingToken);
            await _wake.WaitAsync(isIdle ? Timeout.InfiniteTimeSpan : Interval, stoppingToken);
        }
    }

    /// <summary>What is on its way has a moment to arrive; what does not is told again by the next process.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _feed.Seen -= Notice;
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_running.Values);
    }

    /// <summary>Costs a publish no more than this, whoever receives.</summary>
    private void Notice(SeenEvent told)
    {
        var isOurs = told.Kind.StartsWith(WebhookEvents.Prefix, StringComparison.Ordinal);
        if (!isOurs && !WebhookKinds.IsTold(told.Kind))
            return;
        var space = told.Subject.Split('/', 2)[0];
        if (!isOurs && !_spaces.Contains(space))
            return;
        _stirred[space] = true;
        _wake.Now();
    }

    /// <returns>Whether nothing is left to do until an event comes.</returns>
    private async Task<bool> LookAsync(CancellationToken cancellation)
    {
        // In this order: what the snapshot has seen was noticed before.
        var serial = _feed.Current.Serial;
        var rows = await _signs.LookAsync(() => _rows.ReadAsync(cancellation));
        _spaces = rows.Select(row => row.Space).ToFrozenSet(StringComparer.Ordinal);
        var stirred = _stirred.Keys.Where(space => _stirred.TryRemove(space, out _)).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _known.Keys.Except(rows.Select(row => row.Id)).ToList())
            _known.Remove(gone);
        _signs.Keep(rows.Select(row => row.Id));
        _metrics.WebhooksSeen(rows.Count(row => row.Failures > 0));

        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var isIdle = true;
        foreach (var row in rows.OrderBy(row => _known.TryGetValue(row.Id, out var known) ? known.LastRun : 0).ToList())
        {
            var known = Follow(row, stirred.Contains(row.Space));
            if (_running.ContainsKey(row.Id) || IsHeld(row, known) || IsResting(row, now))
            {
                isIdle = false;
                continue;
            }
            if (known.IsDirty && !await HasMoreAsync(row, known, cancellation))
                known.IsDirty = false;
            if (!known.IsDirty)
            {
                known.LookedTo = Math.Max(known.LookedTo, serial);
                if (row.Holder is null && known.LookedTo - row.Cursor >= FarBehind)
                    await _rows.SkipAsync(row, known.LookedTo, cancellation);
                continue;
            }
            isIdle = false;
            if (_running.Count < MostAtOnce && await _rows.TakeAsync(row, cancellation) is { } lease)
            {
                known.LastRun = _clock.GetTimestamp();
                Start(lease, cancellation);
            }
        }
        return isIdle;
    }

    /// <summary>What this process knows of a webhook, brought up to what its row says.</summary>
    private Known Follow(WebhookSight row, bool isStirred)
    {
        if (!_known.TryGetValue(row.Id, out var known))
            _known[row.Id] = known = new Known();
        // Another process delivered, or an owner changed it.
        if (known.Fence != row.Fence || row.Cursor > known.LookedTo)
            (known.LookedTo, known.IsDirty) = (row.Cursor, true);
        (known.Fence, known.Silence) = (row.Fence, _signs.Silence(row.Id, (row.Fence, row.Beat)));
        known.IsDirty |= isStirred;
        return known;
    }

    /// <summary>Whether a process that may live delivers: no machine's clock is compared with another's.</summary>
    private bool IsHeld(WebhookSight row, Known known) =>
        row.Holder is not null && row.Holder != _rows.Holder && !_isAlone && known.Silence < _options.Lease;

    /// <summary>Whether its next attempt is later. A time that no pause explains came of a clock that was wrong.</summary>
    private bool IsResting(WebhookSight row, long now) => row.NotBefore > now && row.NotBefore - now <= (long)_options.LongestPause.TotalMilliseconds;

    private async Task<bool> HasMoreAsync(WebhookSight row, Known known, CancellationToken cancellation)
    {
        // What died with it may hold more than its row says.
        if (row.Holder is not null)
            return true;
        var (next, lookedTo) = await _rows.NextAsync(row.Space, Json.Read<string[]>(row.Kinds), known.LookedTo, cancellation);
        known.LookedTo = lookedTo;
        return next is not null;
    }

    private void Start(WebhookLease lease, CancellationToken stopping)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[lease.Id] = ended.Task;
        _ = Task.Run(async () =>
        {
            // A stop lets what is on its way arrive.
            using var cut = new CancellationTokenSource();
            await using var registration = stopping.Register(() => cut.CancelAfter(LastGrace));
            try
            {
                await _deliveries.RunAsync(lease, MostInARow, stopping, cut.Token);
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested)
            {
                // Whoever comes next tells it again.
            }
            catch (Exception fault)
            {
                LogRunFailed(_logger, lease.Id, fault.GetBaseException().Message);
            }
            finally
            {
                _running.TryRemove(lease.Id, out _);
                ended.SetResult();
                _wake.Now();
            }
        }, CancellationToken.None);
    }

    /// <summary>What a look remembers of a webhook for the next.</summary>
    private sealed class Known
    {
        public long Fence { get; set; } = -1;

        /// <summary>For how long its holder has given no sign.</summary>
        public TimeSpan Silence { get; set; }

        /// <summary>Up to this event there is nothing to tell.</summary>
        public long LookedTo { get; set; }

        /// <summary>Whether there may be more after that.</summary>
        public bool IsDirty { get; set; }

        public long LastRun { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhooks could not be looked at; trying again.")]
    private static partial void LogLookFailed(ILogger logger, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Webhook} was left for now: {Reason}")]
    private static partial void LogRunFailed(ILogger logger, long webhook, string reason);
}
