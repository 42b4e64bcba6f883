using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Claimed.Database;
using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary>Reads the log of a build, whether it still runs (rows) or has ended (one blob).</summary>
public sealed class BuildLogReader(RegistryDatabase database, IBlobStore blobs, TimeProvider clock)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private sealed record Piece(int Attempt, string State, string Text);

    /// <summary>The log so far, or null when there is no such build.</summary>
    public async Task<string?> ReadAsync(long buildId, CancellationToken cancellation) => (await PieceAsync(buildId, cancellation))?.Text;

    /// <summary>
    /// Follows a log until the build ends. Events carry text; their id is <c>attempt:characters</c>, so that a reader that comes back
    /// with <c>Last-Event-ID</c> misses nothing and gets nothing twice. The last event is <c>end</c> with the build's state.
    /// </summary>
    /// <param name="maySee">Asked before each look; the log breaks off for a reader who has lost the right.</param>
    public async IAsyncEnumerable<SseItem<string>> FollowAsync(long buildId, string? lastEventId, Func<bool> maySee, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (attempt, position) = Position(lastEventId);
        using var timer = new PeriodicTimer(LookInterval, clock);
        while (maySee() && await PieceAsync(buildId, cancellation) is { } piece)
        {
            if (piece.Attempt != attempt || piece.Text.Length < position)
                (attempt, position) = (piece.Attempt, 0);
            if (piece.Text.Length > position)
            {
                var text = piece.Text[position..];
                position = piece.Text.Length;
                yield return new SseItem<string>(text, "log") { EventId = $"{attempt}:{position}" };
            }
            if (BuildState.HasEnded(piece.State))
            {
                yield return new SseItem<string>(piece.State, "end") { EventId = $"{attempt}:{position}" };
                yield break;
            }
            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    private async Task<Piece?> PieceAsync(long buildId, CancellationToken cancellation)
    {
        var build = await FindAsync(buildId, cancellation);
        while (build is not null)
        {
            if (build.LogBlob is { } blob && build.State != BuildState.Building)
                return new Piece(build.Attempt, build.State, Encoding.UTF8.GetString(await blobs.ReadAllAsync(blob, cancellation)));
            var parts = await database.ReadAsync(db => Parts(db, buildId).ToListAsync(cancellation), cancellation);
            // A build that ended in between has taken its rows along: what was read is not the log of the state that was read.
            var after = await FindAsync(buildId, cancellation);
            if (after is not null && (after.State, after.Fence, after.LogBlob) == (build.State, build.Fence, build.LogBlob))
                return new Piece(build.Attempt, build.State, string.Concat(parts));
            build = after;
        }
        return null;
    }

    private Task<Build?> FindAsync(long buildId, CancellationToken cancellation) =>
        database.ReadAsync(db => db.Builds.SingleOrDefaultAsync(row => row.Id == buildId, cancellation), cancellation);

    private static IQueryable<string> Parts(RegistryContext db, long buildId) =>
        db.BuildLogParts.Where(part => part.BuildId == buildId).OrderBy(part => part.Part).Select(part => part.Text);

    internal static (int Attempt, int Position) Position(string? lastEventId) =>
        lastEventId?.Split(':') is [var first, var second] && int.TryParse(first, out var attempt) && int.TryParse(second, out var position)
            ? (attempt, Math.Max(0, position))
            : (0, 0);
}
