using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds.Logs;

/// <summary>Reads the log of a build, whether it still runs (rows) or has ended (one blob). All who follow one build at this node share its looks.</summary>
public sealed class BuildLogReader(RegistryDatabase database, IBlobStore blobs, TimeProvider clock)
{
    // How long one who has lost the right may go on waiting for nothing.
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<long, FollowedLog> _followed = new();

    /// <summary>The log so far, or null when there is no such build.</summary>
    public async Task<string?> ReadAsync(long buildId, CancellationToken cancellation) => (await LookAsync(buildId, null, cancellation))?.From(0);

    /// <summary>
    /// Follows a log until the build ends. Events carry text; their id is <c>run:characters</c>, counted in the whole log of that attempt, so that a reader
    /// that comes back with <c>Last-Event-ID</c> misses nothing that is kept and gets nothing twice. The last event is <c>end</c> with the build's state;
    /// before it <c>failure</c> tells of the step that failed, if one did.
    /// </summary>
    /// <param name="maySee">Asked before each event, and now and again; the log breaks off for a reader who has lost the right.</param>
    public async IAsyncEnumerable<SseItem<string>> FollowAsync(long buildId, string? lastEventId, Func<bool> maySee, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (run, position) = Position(lastEventId);
        await using var followed = Join(buildId);
        LogView? seen = null;
        while (maySee())
        {
            var (next, isOver) = await followed.Log.NextAsync(seen, AskAgain, cancellation);
            if (isOver || !maySee())
                yield break;
            if (next is not { } view || ReferenceEquals(view, seen))
                continue;
            seen = view;
            if (view.Run != run || view.End < position)
                (run, position) = (view.Run, 0);
            if (view.End > position)
            {
                var text = view.From(position);
                position = view.End;
                yield return new SseItem<string>(text, "log") { EventId = $"{run}:{position}" };
            }
            if (BuildState.HasEnded(view.State))
            {
                if (view.Failure is { } failure)
                    yield return new SseItem<string>(failure, "failure") { EventId = $"{run}:{position}" };
                yield return new SseItem<string>(view.State, "end") { EventId = $"{run}:{position}" };
                yield break;
            }
        }
    }

    private Following Join(long buildId)
    {
        while (true)
        {
            var log = _followed.GetOrAdd(buildId, id => new FollowedLog((before, stop) => LookAsync(id, before, stop), clock));
            if (log.TryJoin())
                return new Following(log, () => _followed.TryRemove(KeyValuePair.Create(buildId, log)));
            // Its last follower left in this moment.
            _followed.TryRemove(KeyValuePair.Create(buildId, log));
        }
    }

    private sealed class Following(FollowedLog log, Action forget) : IAsyncDisposable
    {
        public FollowedLog Log => log;

        public async ValueTask DisposeAsync()
        {
            if (await log.LeaveAsync())
                forget();
        }
    }

    /// <param name="before">What was seen last: of the same run only what came since is read.</param>
    private async Task<LogView?> LookAsync(long buildId, LogView? before, CancellationToken cancellation)
    {
        var build = await FindAsync(buildId, cancellation);
        while (build is not null)
        {
            (long, long)? cut = build is { LogCutFrom: { } from, LogCutTo: { } to } ? (from, to) : null;
            if (build.LogBlob is { } blob && build.State != BuildState.Building)
                return LogView.OfWhole(build.Fence, build.State, Encoding.UTF8.GetString(await blobs.ReadAllAsync(blob, cancellation)), cut) with { Failure = build.Failure };
            var known = before is not null && before.Run == build.Fence ? before.Pieces : [];
            // The last piece again: a commit of which nobody heard is done again, and may then have more in the same place.
            var after = known.Count == 0 ? 0 : known[^1].Start;
            var rows = await database.ReadAsync(db => db.BuildLogParts.Where(part => part.BuildId == buildId && part.Start >= after).OrderBy(part => part.Start)
                .Select(part => new { part.Start, part.Text }).ToListAsync(cancellation), cancellation);
            // A build that ended in between has taken its rows along: what was read is not the log of the state that was read.
            var now = await FindAsync(buildId, cancellation);
            if (now is not null && (now.State, now.Fence, now.LogBlob) == (build.State, build.Fence, build.LogBlob))
            {
                (long, long)? newest = now is { LogCutFrom: { } cutFrom, LogCutTo: { } cutTo } ? (cutFrom, cutTo) : null;
                return LogView.OfRows(build.Fence, build.State, (rows is [var again, ..] && again.Start == after ? known.Where(piece => piece.Start < after) : known).Concat(rows.Select(row => new LogPiece(row.Start, row.Text))), newest);
            }
            build = now;
        }
        return null;
    }

    private Task<Build?> FindAsync(long buildId, CancellationToken cancellation) =>
        database.ReadAsync(db => db.Builds.SingleOrDefaultAsync(row => row.Id == buildId, cancellation), cancellation);

    internal static (long Run, long Position) Position(string? lastEventId) =>
        lastEventId?.Split(':') is [var first, var second] && long.TryParse(first, out var run) && long.TryParse(second, out var position)
            ? (run, Math.Max(0, position))
            : (0, 0);
}
