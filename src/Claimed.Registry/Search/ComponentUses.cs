using System.Collections.Frozen;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Search;

/// <summary>How often each component was read, for the order of what a search finds. Read anew every few seconds while anybody searches.</summary>
internal sealed partial class ComponentUses(RegistryDatabase database, Readiness readiness, TimeProvider clock, ILogger<ComponentUses> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile State? _state;
    private volatile bool _isWanted;

    /// <param name="Counts">By id of the component; one that is missing was not used.</param>
    /// <param name="Freshness">Holds until a count changes.</param>
    public sealed record State(FrozenDictionary<long, long> Counts, Freshness Freshness)
    {
        public long Of(ComponentEntry component) => Counts.GetValueOrDefault(component.Id);
    }

    public async ValueTask<State> CurrentAsync(CancellationToken cancellation)
    {
        _isWanted = true;
        return _state ?? await RefreshAsync(cancellation);
    }

    /// <summary>Reads the counts; when one has changed, answers made from the old ones no longer hold.</summary>
    public async Task<State> RefreshAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            var counts = (await database.ReadAsync(db => db.QueryAsync(
                $"""SELECT "ComponentId", "Count" FROM component_reads""", row => KeyValuePair.Create(row.GetInt64(0), row.GetInt64(1)), cancellation), cancellation)).ToFrozenDictionary();
            if (_state is { } before && before.Counts.Count == counts.Count && counts.All(count => before.Counts.GetValueOrDefault(count.Key) == count.Value))
                return before;
            var old = _state;
            // Whoever keeps an answer from the new counts asks again.
            _isWanted = false;
            var state = _state = new State(counts, new Freshness());
            old?.Freshness.End();
            return state;
        }
        finally
        {
            _one.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!_isWanted)
                continue;
            try
            {
                await RefreshAsync(stoppingToken);
                failing = false;
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                    LogStale(logger, fault);
                failing = true;
            }
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _one.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "How often components are used cannot be read; searches are in the order of what was known.")]
    private static partial void LogStale(ILogger logger, Exception fault);
}
