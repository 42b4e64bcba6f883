using System.Runtime.ExceptionServices;
using Claimed.Database;
using Claimed.Database.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Claimed.Registry.Storage;

/// <content>Changes that share a commit: a push waits for the disk, and ten pushes at once need not wait ten times.</content>
public sealed partial class RegistryDatabase
{
    private const string Before = "before_work";

    public Task ChangeTogetherAsync(string order, Func<Change, Task> work, CancellationToken cancellation) =>
        ChangeTogetherAsync(order, async change =>
        {
            await work(change);
            return true;
        }, cancellation);

    /// <summary>
    /// As <see cref="ChangeAsync{T}"/>, in one transaction with others that wait at the same time. An exception from the work undoes this work alone; the
    /// answer comes after the commit. The work waits for nothing beside the database, because others wait for it, and what it keeps for the end
    /// does not fail of itself: that may go with the events of all.
    /// </summary>
    /// <param name="order">What it locks first, such as the repository.</param>
    public Task<T> ChangeTogetherAsync<T>(string order, Func<Change, Task<T>> work, CancellationToken cancellation) =>
        _together.RunAsync(new SharedWork<T>(order, work, cancellation));

    /// <returns>Works that must be run again, because of others.</returns>
    private async Task<IReadOnlyList<SharedWork>> CommitTogetherAsync(IReadOnlyList<SharedWork> works)
    {
        var again = await CommitOnceAsync(works);
        // The transaction has ended: whoever was met goes on meanwhile.
        if (again.Select(work => work.Meetings).DefaultIfEmpty().Max() is > 0 and var meetings)
            await Task.Delay(Pause(meetings), _clock);
        return again;
    }

    private async Task<IReadOnlyList<SharedWork>> CommitOnceAsync(IReadOnlyList<SharedWork> works)
    {
        var left = works.OrderBy(work => work.Order, StringComparer.Ordinal).ToList();
        var again = new List<SharedWork>();
        var mayBeDone = false;
        try
        {
            await using var db = await _contexts.CreateDbContextAsync();
            await using var transaction = await db.Database.BeginTransactionAsync();
            await RunEachAsync(db, transaction, left, again);
            if (left.Count == 0)
                return again;
            var changes = left.ConvertAll(work => (Change: work.Change!, work.Actor));
            await using var hold = await _blobs.HoldAsync([.. changes.SelectMany(change => change.Change.Named).Distinct(StringComparer.Ordinal)], db, CancellationToken.None);
            var serial = await WriteEventsAsync(db, changes, CancellationToken.None);
            // The last moment before the rows count, as for a change of its own; whoever names a lost blob goes, and the others go round again.
            if (await hold.LostAsync(CancellationToken.None) is { } lost)
            {
                foreach (var work in left.Where(work => work.Change!.Named.Contains(lost)).ToList())
                {
                    left.Remove(work);
                    work.Fail(Gone(lost));
                }
                return [.. again, .. left];
            }
            mayBeDone = true;
            await transaction.CommitAsync();
            // The next works need not wait until memory has followed.
            _ = AnswerAsync(left, serial, [.. changes.SelectMany(change => change.Change.Events)]);
            return again;
        }
        catch (Exception fault) when (left.Count > 1 && !mayBeDone && !IsOfAll(fault))
        {
            // What was written for all together: one of them is the cause, and the others need not fail with it.
            foreach (var work in left)
                again.AddRange(await CommitOnceAsync([work]));
            return again;
        }
        catch (Exception fault)
        {
            return [.. again, .. GoOnAfter(fault, left)];
        }
    }

    private static bool IsOfAll(Exception fault) => Contention.IsCauseOf(fault) || DatabaseFaults.IsAway(fault) || fault is BlobStoreAwayException;

    /// <summary>Runs each work; those that end without a change to commit leave the list, some of them to be run again.</summary>
    private async Task RunEachAsync(RegistryContext db, IDbContextTransaction transaction, List<SharedWork> works, List<SharedWork> again)
    {
        var isAlone = works.Count == 1;
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var all = works.ToList();
        foreach (var work in all)
        {
            if (!isAlone)
                await transaction.CreateSavepointAsync(Before);
            var change = new Change(db, now, CancellationToken.None);
            Exception? fault = null;
            try
            {
                await work.RunAsync(change);
                if (!change.IsAbandoned)
                    await db.SaveChangesAsync();
                // The next work may need what was kept for the end; what the last one kept goes with the events.
                if (!change.IsAbandoned && work != all[^1] && !change.Last.IsEmpty)
                {
                    await db.RunAsync(change.Last.Whole, CancellationToken.None);
                    change.Last.Clear();
                }
            }
            catch (Exception thrown)
            {
                fault = thrown;
            }
            db.ChangeTracker.Clear();
            if (fault is null && !change.IsAbandoned)
            {
                work.Change = change;
                continue;
            }
            await UndoAsync(transaction, isAlone, fault);
            works.Remove(work);
            if (fault is null)
                work.Succeed();
            else
                again.AddRange(GoOnAfter(fault, [work]));
        }
    }

    /// <summary>Undoes one work. Where the database has ended the whole transaction, what made it do so is the fault of all.</summary>
    private static async Task UndoAsync(IDbContextTransaction transaction, bool isAlone, Exception? cause)
    {
        try
        {
            await (isAlone ? transaction.RollbackAsync() : transaction.RollbackToSavepointAsync(Before));
        }
        catch (Exception) when (cause is not null)
        {
            ExceptionDispatchInfo.Throw(cause);
        }
    }

    /// <summary>Works that only met another transaction are to be run again; the others fail.</summary>
    private static List<SharedWork> GoOnAfter(Exception fault, IReadOnlyList<SharedWork> works)
    {
        var again = Contention.IsCauseOf(fault) ? works.Where(work => ++work.Meetings < Tries).ToList() : [];
        foreach (var work in works.Except(again))
            work.Fail(fault);
        return again;
    }

    private async Task AnswerAsync(List<SharedWork> works, long serial, IReadOnlyList<RegistryEvent> written)
    {
        await TellAsync(serial, written);
        foreach (var work in works)
            work.Succeed();
    }
}
