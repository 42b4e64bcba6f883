using System.Data.Common;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Storage;

/// <summary>
/// Whether this process has loaded what it serves from. On PostgreSQL it may start before the database answers or is migrated; then it
/// looks every second and loads as soon as it can.
/// </summary>
public sealed partial class Readiness(
    SchemaUpdate schema, KnownTokens tokens, SnapshotFeed feed, TimeProvider clock, ILogger<Readiness> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsLoaded => _loaded.Task.IsCompleted;

    /// <summary>Ends when this process has loaded; background work that needs the database waits for it.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Loads once, or returns what stood in the way.</summary>
    public async Task<string?> TryLoadAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (IsLoaded)
                return null;
            if (await schema.IsBehindAsync(cancellation))
                return "the database has no schema or an older one. Run the word migrate of this version once.";
            // The feed first: what others change from here on it has read again, tokens too.
            await feed.LoadAsync(cancellation);
            await tokens.LoadAsync(cancellation);
            _loaded.TrySetResult();
            return null;
        }
        catch (Exception fault) when (fault is DbException or TimeoutException or InvalidOperationException { InnerException: DbException or TimeoutException } || DatabaseFaults.IsAway(fault))
        {
            return $"the database does not answer: {fault.GetBaseException().Message}";
        }
        finally
        {
            _one.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        string? said = null;
        while (!IsLoaded)
        {
            if (await TryLoadAsync(stoppingToken) is { } obstacle)
            {
                if (said != obstacle)
                    LogWaiting(logger, obstacle);
                said = obstacle;
                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
        if (said is not null)
            LogLoaded(logger);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not ready: {Obstacle}")]
    private static partial void LogWaiting(ILogger logger, string obstacle);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready.")]
    private static partial void LogLoaded(ILogger logger);
}
