using System.Collections.Concurrent;
using Claimed.Components;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Storage.Snapshot;
using Claimed.Registry.Telemetry;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Storage;

/// <summary>
/// Builds that wait until somebody asks for their version. A read that asks for what such a version has not yet puts its build into the queue;
/// it never fails for that, and never waits long.
/// </summary>
public sealed partial class DeferredBuilds(RegistryDatabase database, TimeProvider clock, ILogger<DeferredBuilds> logger)
{
    /// <summary>Longer no reader waits for a database that is away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, Lazy<Task<bool>>> _asking = new();

    /// <summary>Told after the commit which build builders may take now.</summary>
    public Action<long>? Queued { get; set; }

    /// <summary>Asks for the image of a version whose build waits for that, in the name of who sent the request. Many at once ask once.</summary>
    public async Task<AskedBuild> AskAsync(HttpContext context, ComponentEntry component, VersionEntry version)
    {
        var caller = Caller.Of(context);
        var actor = new Actor(caller.Name, context.Connection.RemoteIpAddress?.ToString(), caller.TokenId);
        // SQLite waits for its file in the thread that asks, and cannot be interrupted.
        var asking = _asking.GetOrAdd(version.Id, _ => new Lazy<Task<bool>>(() => Task.Run(() => AskOnceAsync(actor, component, version)))).Value;
        try
        {
            return await asking.WaitAsync(Patience, clock) ? AskedBuild.InQueue(version.Build?.Estimate) : AskedBuild.NotNow;
        }
        catch (TimeoutException)
        {
            return AskedBuild.NotNow;
        }
    }

    /// <summary>
    /// The version that <c>latest</c> or a range is going to mean once it is built, for references that mean nothing yet: the highest that waits, whether
    /// for somebody or for a builder. Null where none does.
    /// </summary>
    /// <param name="isIn">Whether the reference may mean this number.</param>
    public static VersionEntry? Next(ComponentEntry component, Func<SemVersion, bool> isIn) =>
        component.Versions.FirstOrDefault(version => version is { State: VersionState.Queued or VersionState.Building, ExpiresAt: null } && isIn(version.Number));

    /// <summary>The same for a tag or channel: the version of that number while it is not ready, or what <c>latest</c> is going to mean.</summary>
    public static VersionEntry? Next(ComponentEntry component, string tag) =>
        SemanticVersion.TryParse(tag, out var number) ? component.Find(number) is { State: VersionState.Queued or VersionState.Building } version ? version : null
        : tag == ComponentEntry.Latest && component.Channel(tag) is null ? Next(component, stable => !stable.IsPrerelease)
        : null;

    /// <summary>
    /// Puts what waits of a version into the queue, inside the caller's transaction, which holds the component's row. The last of the builds; null when
    /// none waits any more.
    /// </summary>
    public static async Task<long?> QueueAsync(Change change, string subject, string number, long version)
    {
        var trace = RegistryTraces.Current;
        // Guarded: of two that ask, or of one that asks and one that cancels, the second finds nothing that waits.
        var queued = await change.Db.Builds.Where(build => build.VersionId == version && build.State == BuildState.Deferred)
            .ExecuteUpdateAsync(set => set.SetProperty(build => build.State, BuildState.Queued).SetProperty(build => build.QueuedAt, change.Now).SetProperty(build => build.TraceParent, trace), change.Cancellation);
        if (queued == 0)
            return null;
        var last = await change.Db.Builds.Where(build => build.VersionId == version && build.State == BuildState.Queued).MaxAsync(build => build.Id, change.Cancellation);
        change.Tell("build.queued", subject, new { version = number, build = last });
        return last;
    }

    private async Task<bool> AskOnceAsync(Actor actor, ComponentEntry component, VersionEntry version)
    {
        try
        {
            Actor.Current = actor;
            using var limit = new CancellationTokenSource(Patience);
            var queued = await database.ChangeAsync(async change =>
            {
                await change.LockComponentAsync(component.Id);
                return await QueueAsync(change, component.Subject, version.Number.ToString(), version.Id);
            }, limit.Token);
            if (queued is { } build)
            {
                LogAsked(logger, component.Subject, version.Number.ToString(), build);
                Queued?.Invoke(build);
            }
            return true;
        }
        catch (Exception fault)
        {
            // Others say that the database is away, and louder.
            if (fault is not OperationCanceledException && !DatabaseFaults.IsAway(fault))
                LogNotAsked(logger, component.Subject, version.Number.ToString(), fault);
            return false;
        }
        finally
        {
            _asking.TryRemove(version.Id, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Component} {Version} was asked for: build {Build} is in the queue.")]
    private static partial void LogAsked(ILogger logger, string component, string version, long build);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Component} {Version} was asked for, and its build could not be put into the queue; the next request tries again.")]
    private static partial void LogNotAsked(ILogger logger, string component, string version, Exception fault);
}

/// <summary>What became of asking for a build, for the answer to who asked.</summary>
/// <param name="Words">A sentence.</param>
/// <param name="RetryAfter">Seconds after which it is worth to ask again.</param>
public sealed record AskedBuild(string Words, int RetryAfter)
{
    private const int Usual = 60;
    private const int Least = 10;
    private const int Most = 600;

    internal static readonly AskedBuild NotNow = new("It is built when it is first asked for, which could not be noted now, because the database does not answer: send the request again in a few seconds.", DatabaseFaults.RetryAfter);

    internal static AskedBuild InQueue(BuildEstimate? estimate) => new(
        $"It has just been asked for, and its build is in the queue{(estimate is null ? "" : $": {estimate.InWords()}")}. Ask again when it has ended.",
        estimate is null ? Usual : (int)Math.Clamp(estimate.Seconds, Least, Most));
}
