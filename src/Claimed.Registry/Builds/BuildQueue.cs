using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary>A build that this process holds. Writes for it count only while the row still has this fence.</summary>
/// <param name="TraceParent">Trace context of the publish.</param>
public sealed record BuildLease(long BuildId, long VersionId, int Attempt, long Fence, string? TraceParent);

/// <summary>The rows that are the queue: taken with a fence, kept with a beat.</summary>
public sealed class BuildQueue(RegistryDatabase database, TimeProvider clock)
{
    /// <summary>Attempts of one build, faults of the engine included.</summary>
    public const int MaxAttempts = 5;

    private readonly string _holder = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>Takes the oldest build that is due, or returns null.</summary>
    public async Task<BuildLease?> TakeAsync(string engine, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var due = await database.ReadAsync(db => db.Builds
            .Where(build => build.State == BuildState.Queued && build.NotBefore <= now).OrderBy(build => build.Id)
            .Select(build => new { build.Id, build.Fence, build.VersionId, build.Attempt, build.TraceParent, build.Version!.Component!.Name, Space = build.Version.Component.Namespace!.Name, build.Version.Number })
            .FirstOrDefaultAsync(cancellation), cancellation);
        if (due is null)
            return null;
        return await database.ChangeAsync(async change =>
        {
            var taken = await change.Db.Builds
                .Where(build => build.Id == due.Id && build.State == BuildState.Queued && build.Fence == due.Fence)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(build => build.State, BuildState.Building)
                    .SetProperty(build => build.Fence, build => build.Fence + 1)
                    .SetProperty(build => build.Attempt, build => build.Attempt + 1)
                    .SetProperty(build => build.Beat, 0)
                    .SetProperty(build => build.Holder, _holder)
                    .SetProperty(build => build.Engine, engine)
                    .SetProperty(build => build.Reason, (string?)null)
                    .SetProperty(build => build.StartedAt, change.Now), change.Cancellation);
            if (taken != 1)
                return null;
            await change.Db.BuildLogParts.Where(part => part.BuildId == due.Id).ExecuteDeleteAsync(change.Cancellation);
            await change.Db.Versions.Where(version => version.Id == due.VersionId)
                .ExecuteUpdateAsync(set => set.SetProperty(version => version.State, VersionState.Building), change.Cancellation);
            change.Tell("build.started", $"{due.Space}/{due.Name}", new { version = due.Number, build = due.Id, attempt = due.Attempt + 1 });
            return new BuildLease(due.Id, due.VersionId, due.Attempt + 1, due.Fence + 1, due.TraceParent);
        }, cancellation);
    }

    /// <summary>Shows that the holder lives. Null: the lease is lost. True: someone asked to cancel.</summary>
    public Task<bool?> BeatAsync(BuildLease lease, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        var mine = change.Db.Builds.Where(build => build.Id == lease.BuildId && build.Fence == lease.Fence && build.State == BuildState.Building);
        if (await mine.ExecuteUpdateAsync(set => set.SetProperty(build => build.Beat, build => build.Beat + 1), change.Cancellation) != 1)
            return null;
        return await mine.Select(build => (bool?)build.CancelRequested).SingleAsync(change.Cancellation);
    }, cancellation);

    /// <summary>Ends the build with its version as failed; false when the lease was lost.</summary>
    public Task<bool> FailAsync(BuildLease lease, string state, string reason, string? logBlob, CancellationToken cancellation) =>
        database.ChangeAsync(async change =>
        {
            if (await HeldAsync(change, lease) is not { } build)
                return false;
            await EndAsync(change, build, state, reason, logBlob);
            return true;
        }, cancellation);

    /// <summary>Puts the build back into the queue, or ends it when its attempts are used up.</summary>
    /// <param name="countsAttempt">False when the fault is not the build's: a drain, a full disk.</param>
    /// <param name="pause">Not to be taken again before; null lets it grow with the attempts.</param>
    public Task HandBackAsync(BuildLease lease, string reason, bool countsAttempt, TimeSpan? pause, string? logBlob, CancellationToken cancellation) =>
        database.ChangeAsync(async change =>
        {
            if (await HeldAsync(change, lease) is { } build)
                await RequeueAsync(change, build, reason, countsAttempt, pause, logBlob);
        }, cancellation);

    /// <summary>The row, tracked, if the lease still holds; nobody else takes it before the transaction ends.</summary>
    public static async Task<Build?> HeldAsync(Change change, BuildLease lease)
    {
        var held = await change.Db.Builds.Where(build => build.Id == lease.BuildId && build.Fence == lease.Fence && build.State == BuildState.Building)
            .ExecuteUpdateAsync(set => set.SetProperty(build => build.Beat, build => build.Beat + 1), change.Cancellation);
        return held == 1 ? await FindAsync(change, lease.BuildId) : null;
    }

    /// <summary>The row, tracked, with what it belongs to.</summary>
    internal static Task<Build?> FindAsync(Change change, long id) => change.Db.Builds
        .Include(build => build.Version!.Component!.Namespace).SingleOrDefaultAsync(build => build.Id == id, change.Cancellation);

    /// <summary>Takes a build from a holder that died.</summary>
    internal static async Task RequeueAsync(Change change, Build build, string reason, bool countsAttempt, TimeSpan? pause, string? logBlob)
    {
        if (build.CancelRequested)
        {
            await EndAsync(change, build, BuildState.Cancelled, "The build was cancelled.", logBlob);
            return;
        }
        if (countsAttempt && build.Attempt >= MaxAttempts)
        {
            await EndAsync(change, build, BuildState.Failed, $"Given up after {build.Attempt} attempts: {reason}", logBlob);
            return;
        }
        if (!countsAttempt)
            build.Attempt--;
        build.State = BuildState.Queued;
        build.Reason = reason;
        build.Holder = null;
        build.Fence++;
        build.NotBefore = change.Now + (long)(pause ?? TimeSpan.FromSeconds(Math.Pow(2, build.Attempt))).TotalMilliseconds;
        build.Version!.State = VersionState.Queued;
        change.Tell("build.requeued", SubjectOf(build), new { version = build.Version.Number, build = build.Id, reason });
    }

    internal static async Task EndAsync(Change change, Build build, string state, string reason, string? logBlob)
    {
        build.State = state;
        build.Reason = reason;
        build.EndedAt = change.Now;
        build.Holder = null;
        build.LogBlob = logBlob;
        build.Version!.State = VersionState.Failed;
        build.Version.Reason = reason;
        await ImageStore.RemoveTagsAsync(change, SubjectOf(build), PushedTags(build.Id));
        if (logBlob is not null)
            change.Names(logBlob);
        if (logBlob is not null)
            await change.Db.BuildLogParts.Where(part => part.BuildId == build.Id).ExecuteDeleteAsync(change.Cancellation);
        change.Tell("version.failed", SubjectOf(build), new { version = build.Version.Number, build = build.Id, reason });
    }

    /// <summary>How the tags begin under which the engine pushes the attempts of one build.</summary>
    internal static string PushedTags(long buildId) => $"build-{buildId}-";

    internal static string SubjectOf(Build build) => $"{build.Version!.Component!.Namespace!.Name}/{build.Version.Component.Name}";
}
