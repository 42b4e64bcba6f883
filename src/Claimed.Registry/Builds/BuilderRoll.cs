using Claimed.Database.Builds;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>
/// Who builds: each builder enters itself at every look, and every node reads the roll. Whether an entry is alive is judged by the reader's
/// own clock, as for builds. On SQLite one process is all there is, and nothing is written.
/// </summary>
public sealed class BuilderRoll(RegistryDatabase database, IOptions<DatabaseOptions> storage, IOptions<BuildOptions> options, TimeProvider clock)
{
    private readonly SignsOfLife<string, long> _signs = new(clock);
    private readonly long _began = clock.GetUtcNow().ToUnixTimeMilliseconds();
    private volatile IReadOnlyList<BuilderNode> _alive = [];
    private BuilderNode? _own;
    private long _beat;

    /// <summary>Whether builders elsewhere would be on the roll.</summary>
    public bool IsShared => !storage.Value.IsSqlite;

    /// <summary>Those that gave a sign within the time of a lease, at the last look.</summary>
    public IReadOnlyList<BuilderNode> Alive => _alive;

    /// <summary>Enters this process's builder.</summary>
    public async Task EnterAsync(string? engine, IReadOnlyList<string> platforms, string? fault, int running, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        _own = new BuilderNode
        {
            Name = BuildQueue.Holder,
            Engine = engine,
            Platforms = Json.Write(platforms),
            Fault = fault,
            Beat = ++_beat,
            StartedAt = _began,
            SeenAt = now,
            Running = running,
            Concurrency = options.Value.Concurrency,
        };
        if (storage.Value.IsSqlite)
        {
            _alive = [_own];
            return;
        }
        await database.ChangeAsync(change => change.Db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO builders ("Name", "Engine", "Platforms", "Fault", "Beat", "StartedAt", "SeenAt", "Running", "Concurrency")
            VALUES ({_own.Name}, {_own.Engine}, {_own.Platforms}, {_own.Fault}, {_own.Beat}, {_own.StartedAt}, {now}, {running}, {_own.Concurrency})
            ON CONFLICT ("Name") DO UPDATE SET "Engine" = excluded."Engine", "Platforms" = excluded."Platforms", "Fault" = excluded."Fault", "Beat" = excluded."Beat",
                "StartedAt" = excluded."StartedAt", "SeenAt" = excluded."SeenAt", "Running" = excluded."Running", "Concurrency" = excluded."Concurrency"
            """, change.Cancellation), cancellation);
    }

    /// <summary>Takes this process's builder from the roll.</summary>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        if (_own is not null && !storage.Value.IsSqlite)
            await database.ChangeAsync(change => change.Db.BuilderNodes.Where(node => node.Name == BuildQueue.Holder).ExecuteDeleteAsync(change.Cancellation), cancellation);
    }

    /// <summary>Reads the roll, and removes who has not been heard of for long.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        if (storage.Value.IsSqlite)
            return;
        var nodes = await _signs.LookAsync(() => database.ReadAsync(db => db.BuilderNodes.OrderBy(node => node.Name).ToListAsync(cancellation), cancellation));
        _signs.Keep(nodes.Select(node => node.Name));
        var silent = nodes.ToDictionary(node => node, node => _signs.Silence(node.Name, node.Beat));
        _alive = [.. nodes.Where(node => silent[node] < options.Value.Lease)];
        foreach (var gone in nodes.Where(node => silent[node] > 10 * options.Value.Lease))
            await database.ChangeAsync(change => change.Db.BuilderNodes.Where(node => node.Name == gone.Name && node.Beat == gone.Beat).ExecuteDeleteAsync(change.Cancellation), cancellation);
    }
}
