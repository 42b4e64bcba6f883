using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary>What people ask of a build: cancel it, or try again.</summary>
public sealed class BuildControl(RegistryDatabase database, BuildCalls calls)
{
    /// <summary>A build that waits ends at once, a running one within seconds; one that has ended is refused.</summary>
    public Task CancelAsync(long id, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        await BuildQueue.HoldFamilyAsync(change, id);
        // Then the row: a builder may be taking it in this moment.
        await change.Db.Builds.Where(row => row.Id == id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Beat, row => row.Beat), change.Cancellation);
        var build = await FindAsync(change, id);
        if (BuildState.HasEnded(build.State))
            throw new RefusedException(new Refusal(409, "build-ended", "The build has ended.", $"Build {id} is {build.State}; only a build that waits or runs can be cancelled."));
        build.CancelRequested = true;
        if (build.State is BuildState.Queued or BuildState.Deferred)
            await BuildQueue.EndAsync(change, build, BuildState.Cancelled, BuildLimits.Cancelled, log: null);
        else
            change.Tell("build.cancel-requested", BuildQueue.SubjectOf(build), new { build = id });
    }, cancellation);

    /// <summary>Queues a new build of the same version, or the one that waits until somebody asks; refused unless there is that, or the last one failed or was cancelled.</summary>
    public async Task<long> RetryAsync(long id, CancellationToken cancellation)
    {
        var queued = await database.ChangeAsync(async change =>
        {
            // The component first: a publisher may be replacing the failed version in this moment.
            var component = await change.Db.Builds.Where(row => row.Id == id).Select(row => (long?)row.Version!.ComponentId).SingleOrDefaultAsync(change.Cancellation);
            if (component is { } known)
                await change.LockComponentAsync(known);
            var build = await FindAsync(change, id);
            if (await DeferredBuilds.QueueAsync(change, BuildQueue.SubjectOf(build), build.Version!.Number, build.VersionId) is { } waiting)
                return waiting;
            if (build.Version!.State != VersionState.Failed)
                throw new RefusedException(new Refusal(409, "version-not-failed", "Only a failed version can be built again.",
                    $"{BuildQueue.SubjectOf(build)} {build.Version.Number} is {build.Version.State}.")
                { State = build.Version.State });
            build.Version.State = VersionState.Queued;
            build.Version.Reason = null;
            var round = 1 + await change.Db.Builds.Where(row => row.VersionId == build.VersionId).MaxAsync(row => row.Round, change.Cancellation);
            var platforms = Json.Read<Dictionary<string, string>>(build.Version.Options).GetValueOrDefault("platform");
            var rows = BuildRows.Make(change, build.NamespaceId, round, platforms, build.BaseName);
            build.Version.Builds.AddRange(rows);
            await change.Db.SaveChangesAsync(change.Cancellation);
            var next = rows[^1];
            change.Tell("build.queued", BuildQueue.SubjectOf(build), new { version = build.Version.Number, build = next.Id });
            return next.Id;
        }, cancellation);
        calls.Call(queued);
        return queued;
    }

    private static async Task<Build> FindAsync(Change change, long id) =>
        await BuildQueue.FindAsync(change, id) ?? throw new RefusedException(BuildEndpoints.NoSuchBuild(id));
}
