using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>A build that this process holds. Writes for it count only while the row still has this fence.</summary>
/// <param name="TraceParent">Trace context of the publish.</param>
public sealed record BuildLease(long BuildId, long VersionId, int Attempt, long Fence, string? TraceParent)
{
    /// <summary>What the image is for; null for the engine's own.</summary>
    public string? Platform { get; init; }

    public required EffectiveLimits Limits { get; init; }
}

/// <summary>The rows that are the queue: taken with a fence, kept with a beat.</summary>
public sealed class BuildQueue(RegistryDatabase database, IOptions<BuildOptions> options, TimeProvider clock)
{
    /// <summary>Attempts of one build, faults of the engine included.</summary>
    public const int MaxAttempts = 5;

    private const int MaxTries = 5;

    /// <summary>How this process names itself in rows.</summary>
    public static string Holder { get; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    private readonly BuildTurns _turns = new(options);

    /// <summary>Takes the build whose turn it is (<see cref="BuildTurns"/>), or returns null when there is none for this builder.</summary>
    public async Task<BuildLease?> TakeAsync(BuilderOffer offer, CancellationToken cancellation)
    {
        // Another builder may be faster at each of them; after that many there are enough builders awake.
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            if (await database.ReadAsync(db => _turns.NextAsync(db, offer, now, cancellation), cancellation) is not { } due)
                return null;
            if (await database.ChangeAsync(change => TakeAsync(change, due, offer), cancellation) is { } lease)
                return lease;
        }
        return null;
    }

    private async Task<BuildLease?> TakeAsync(Change change, DueBuild due, BuilderOffer offer)
    {
        var taken = await change.Db.Builds
            .Where(build => build.Id == due.Id && build.State == BuildState.Queued && build.Fence == due.Fence)
            .ExecuteUpdateAsync(set => set
                .SetProperty(build => build.State, BuildState.Building)
                .SetProperty(build => build.Fence, build => build.Fence + 1)
                .SetProperty(build => build.Attempt, build => build.Attempt + 1)
                .SetProperty(build => build.Beat, 0)
                .SetProperty(build => build.Holder, Holder)
                .SetProperty(build => build.Engine, offer.Engine)
                .SetProperty(build => build.Reason, (string?)null)
                .SetProperty(build => build.LogBlob, (string?)null)
                .SetProperty(build => build.LogCutFrom, (long?)null)
                .SetProperty(build => build.LogCutTo, (long?)null)
                .SetProperty(build => build.StartedAt, change.Now), change.Cancellation);
        if (taken != 1)
            return null;
        if (!await _turns.FitsAsync(change, due))
        {
            change.Abandon();
            return null;
        }
        await change.Db.BuildLogParts.Where(part => part.BuildId == due.Id).ExecuteDeleteAsync(change.Cancellation);
        await change.Db.Versions.Where(version => version.Id == due.VersionId && version.State == VersionState.Queued)
            .ExecuteUpdateAsync(set => set.SetProperty(version => version.State, VersionState.Building), change.Cancellation);
        change.Tell("build.started", $"{due.Space}/{due.Name}", new { version = due.Number, build = due.Id, attempt = due.Attempt + 1 });
        return new BuildLease(due.Id, due.VersionId, due.Attempt + 1, due.Fence + 1, due.TraceParent)
        {
            Platform = due.Platform,
            Limits = EffectiveLimits.Of(due.NamespaceLimits, options.Value),
        };
    }

    /// <summary>Shows that the holder lives. Null: the lease is lost. True: someone asked to cancel.</summary>
    public Task<bool?> BeatAsync(BuildLease lease, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        return await HoldAsync(change, lease) ? await change.Db.Builds.Where(build => build.Id == lease.BuildId).Select(build => (bool?)build.CancelRequested).SingleAsync(change.Cancellation) : null;
    }, cancellation);

    /// <summary>Whether the lease still holds; nobody else takes the row before the transaction ends.</summary>
    internal static async Task<bool> HoldAsync(Change change, BuildLease lease) =>
        await change.Db.Builds.Where(build => build.Id == lease.BuildId && build.Fence == lease.Fence && build.State == BuildState.Building)
            .ExecuteUpdateAsync(set => set.SetProperty(build => build.Beat, build => build.Beat + 1), change.Cancellation) == 1;

    /// <summary>Ends the build with its version as failed; false when the lease was lost.</summary>
    /// <param name="failure">What is known of the step that failed, as JSON.</param>
    public Task<bool> FailAsync(BuildLease lease, string state, string reason, StoredLog? log, CancellationToken cancellation, string? failure = null) =>
        database.ChangeAsync(async change =>
        {
            await HoldFamilyAsync(change, lease.BuildId);
            if (await HeldAsync(change, lease) is not { } build)
                return false;
            build.Failure = failure;
            await EndAsync(change, build, state, reason, log);
            return true;
        }, cancellation);

    /// <summary>Puts the build back into the queue, or ends it when its attempts are used up.</summary>
    /// <param name="countsAttempt">False when the fault is not the build's: a drain, a full disk.</param>
    /// <param name="pause">Not to be taken again before; null lets it grow with the attempts.</param>
    public Task HandBackAsync(BuildLease lease, string reason, bool countsAttempt, TimeSpan? pause, StoredLog? log, CancellationToken cancellation) =>
        database.ChangeAsync(async change =>
        {
            await HoldFamilyAsync(change, lease.BuildId);
            if (await HeldAsync(change, lease) is { } build)
                await RequeueAsync(change, build, reason, countsAttempt, pause, log);
        }, cancellation);

    /// <summary>The row, tracked, if the lease still holds; nobody else takes it before the transaction ends.</summary>
    public static async Task<Build?> HeldAsync(Change change, BuildLease lease) => await HoldAsync(change, lease) ? await FindAsync(change, lease.BuildId) : null;

    /// <summary>
    /// Where a version has images for several platforms, one build at a time decides what becomes of it: with the component's row held, and
    /// before the build's own.
    /// </summary>
    internal static Task HoldFamilyAsync(Change change, long id) => change.Db.Database.ExecuteSqlAsync(
        $"""
        UPDATE components SET "Name" = "Name"
        WHERE "Id" = (SELECT v."ComponentId" FROM builds b JOIN versions v ON v."Id" = b."VersionId" WHERE b."Id" = {id} AND b."Platform" IS NOT NULL)
        """, change.Cancellation);

    /// <summary>The row, tracked, with what it belongs to.</summary>
    internal static Task<Build?> FindAsync(Change change, long id) => change.Db.Builds
        .Include(build => build.Version!.Component!.Namespace).SingleOrDefaultAsync(build => build.Id == id, change.Cancellation);

    /// <summary>Puts the row back into the queue, or ends it where that is due.</summary>
    internal static async Task RequeueAsync(Change change, Build build, string reason, bool countsAttempt, TimeSpan? pause, StoredLog? log)
    {
        if (build.CancelRequested)
        {
            await EndAsync(change, build, BuildState.Cancelled, BuildLimits.Cancelled, log);
            return;
        }
        if (countsAttempt && build.Attempt >= MaxAttempts)
        {
            await EndAsync(change, build, BuildState.Failed, $"Given up after {build.Attempt} attempts: {reason}", log);
            return;
        }
        if (!countsAttempt)
            build.Attempt--;
        build.State = BuildState.Queued;
        build.Reason = reason;
        build.Holder = null;
        build.NotBefore = change.Now + (long)(pause ?? TimeSpan.FromSeconds(Math.Pow(2, build.Attempt))).TotalMilliseconds;
        if (log is not null)
            await log.UseAsync(change, build);
        if (await DecidesAsync(change, build) && !await Siblings(change, build).AnyAsync(other => other.State == BuildState.Building, change.Cancellation))
            build.Version!.State = VersionState.Queued;
        TellRequeued(change, SubjectOf(build), build.Version!.Number, build.Id, reason);
    }

    /// <summary>Puts back a build that had made its image for one of several platforms, because that image is gone; unless it is queued already.</summary>
    internal static async Task MakeAgainAsync(Change change, string repository, string number, long id, string reason)
    {
        if (await change.Db.Builds.Where(row => row.Id == id && row.State == BuildState.Succeeded).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, BuildState.Queued)
            .SetProperty(row => row.Reason, reason).SetProperty(row => row.ImageDigest, (string?)null).SetProperty(row => row.EndedAt, (long?)null), change.Cancellation) == 1)
            TellRequeued(change, repository, number, id, reason);
    }

    private static void TellRequeued(Change change, string repository, string number, long id, string reason) =>
        change.Tell("build.requeued", repository, new { version = number, build = id, reason });

    /// <summary>Ends the row and its version as failed, and those that would make images of the version for other platforms.</summary>
    internal static async Task EndAsync(Change change, Build build, string state, string reason, StoredLog? log)
    {
        build.State = state;
        build.Reason = reason;
        build.EndedAt = change.Now;
        build.Holder = null;
        await ImageStore.RemoveTagsAsync(change, SubjectOf(build), PushedTags(build.Id));
        if (log is not null)
            await log.UseAsync(change, build);
        if (!await DecidesAsync(change, build))
        {
            change.Tell("build.ended", SubjectOf(build), new { version = build.Version!.Number, build = build.Id, state, reason });
            return;
        }
        build.Version!.State = VersionState.Failed;
        build.Version.Reason = reason;
        change.Tell("version.failed", SubjectOf(build), new { version = build.Version.Number, build = build.Id, reason });
        await EndSiblingsAsync(change, build);
    }

    /// <summary>False for the build of a platform whose version has failed by another one, or is already being built again.</summary>
    internal static async Task<bool> DecidesAsync(Change change, Build build) => build.Platform is null
        || (build.Version!.State is VersionState.Queued or VersionState.Building
            && !await change.Db.Builds.AnyAsync(other => other.VersionId == build.VersionId && other.Round > build.Round, change.Cancellation));

    /// <summary>The builds that make images of the same version for other platforms.</summary>
    internal static IQueryable<Build> Siblings(Change change, Build build) =>
        change.Db.Builds.Where(other => other.VersionId == build.VersionId && other.Round == build.Round && other.Id != build.Id);

    private static async Task EndSiblingsAsync(Change change, Build build)
    {
        if (build.Platform is null)
            return;
        var reason = $"The build for {build.Platform} made no image.";
        // Guarded: a builder may be taking one of them in this moment. What is under way hears of it with its next beat.
        await Siblings(change, build).Where(other => other.State == BuildState.Queued || other.State == BuildState.Deferred).ExecuteUpdateAsync(set => set.SetProperty(other => other.State, BuildState.Cancelled)
            .SetProperty(other => other.Reason, reason).SetProperty(other => other.EndedAt, change.Now), change.Cancellation);
        await Siblings(change, build).Where(other => other.State == BuildState.Building).ExecuteUpdateAsync(set => set.SetProperty(other => other.CancelRequested, true), change.Cancellation);
        foreach (var made in await Siblings(change, build).Where(other => other.State == BuildState.Succeeded).Select(other => other.Id).ToListAsync(change.Cancellation))
            await ImageStore.RemoveTagsAsync(change, SubjectOf(build), PushedTags(made));
    }

    /// <summary>How the tags begin under which the engine pushes the attempts of one build.</summary>
    internal static string PushedTags(long buildId) => $"{ImageRights.BuildTags}{buildId}-";

    internal static string SubjectOf(Build build) => $"{build.Version!.Component!.Namespace!.Name}/{build.Version.Component.Name}";
}
