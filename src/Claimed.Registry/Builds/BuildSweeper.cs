using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Takes builds back from builders that gave no sign for the lease time, by this process's own clock alone.</summary>
public sealed class BuildSweeper(RegistryDatabase database, IOptions<BuildOptions> options, IOptions<DatabaseOptions> storage, TimeProvider clock)
{
    private readonly SignsOfLife<long, (long Fence, long Beat)> _signs = new(clock);
    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _first = true;

    /// <summary>Ends with the first look: what a process before this one left is queued again by then.</summary>
    public Task Looked => _looked.Task;

    /// <param name="mine">What this process works on: it knows itself that it lives, even while its beats cannot be stored.</param>
    public async Task SweepAsync(IReadOnlyCollection<BuildLease> mine, CancellationToken cancellation)
    {
        var building = await _signs.LookAsync(() => database.ReadAsync(db => db.Builds.Where(build => build.State == BuildState.Building)
            .Select(build => new { build.Id, build.Fence, build.Beat }).ToListAsync(cancellation), cancellation));
        // On SQLite this process alone may build: what is "building" at its start belongs to a dead one.
        var orphaned = _first && storage.Value.IsSqlite;
        foreach (var row in building)
        {
            var silence = _signs.Silence(row.Id, (row.Fence, row.Beat));
            if (mine.Any(lease => lease.BuildId == row.Id && lease.Fence == row.Fence))
                continue;
            if (orphaned || silence >= options.Value.Lease)
                await TakeBackAsync(row.Id, row.Fence, row.Beat, isKnownDead: orphaned, cancellation);
        }
        _first = false;
        _looked.TrySetResult();
        _signs.Keep(building.Select(row => row.Id));
    }

    private Task TakeBackAsync(long id, long fence, long beat, bool isKnownDead, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        await BuildQueue.HoldFamilyAsync(change, id);
        // The guarded update is what takes it: a holder that shows a beat in this moment keeps its build.
        var taken = await change.Db.Builds.Where(row => row.Id == id && row.Fence == fence && row.Beat == beat && row.State == BuildState.Building)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Beat, row => row.Beat + 1), change.Cancellation);
        if (taken == 1 && await BuildQueue.FindAsync(change, id) is { } build)
            await BuildQueue.RequeueAsync(change, build, "The builder that had it ended without a word.", countsAttempt: true,
                isKnownDead ? TimeSpan.Zero : null, log: null);
    }, cancellation);
}
