using Claimed.Components;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>
/// Follows another registry. Its events only say which components to look at; each is then made what it is at the origin. Up to which event that is done is stored behind the
/// doing: a process that dies looks at some components twice, and does nothing twice.
/// </summary>
internal sealed class Mirroring(
    Origin origin, OriginFeed feed, ComponentCopy components, MirrorRows rows, DatabaseLocks locks, TemporaryFiles temporary, IOptions<MirrorOptions> options, TimeProvider clock)
{
    private const int MostPages = 100_000;
    private const int WaitSeconds = 60;
    private const int ShortWaitSeconds = 2;
    private const int MostIdle = 15;
    private static readonly TimeSpan SightInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PendingInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Until all that the origin had at the beginning is done.</summary>
    /// <returns>False when another process follows this origin.</returns>
    /// <exception cref="OriginAwayException">The origin does not answer.</exception>
    public Task<bool> OnceAsync(MirrorReport report, CancellationToken cancellation) => AloneAsync(async () =>
    {
        var state = await BeginAsync(report, cancellation);
        var newest = await feed.NewestAsync(cancellation);
        for (var idle = 0; state.Serial < newest;)
        {
            var next = await NextAsync(state, ShortWaitSeconds, report, cancellation);
            // Another node of the origin may be a moment behind; one that never shows what it told of would keep this run for ever.
            if (next.Serial == state.Serial && ++idle == MostIdle)
                throw new OriginAwayException($"{origin.Name} says that its newest event is {newest}, and shows none after {state.Serial}.");
            state = next;
        }
    }, cancellation);

    /// <summary>Until it is cancelled. What is away is asked again.</summary>
    /// <returns>False when another process follows this origin.</returns>
    public Task<bool> FollowAsync(MirrorReport report, CancellationToken cancellation) => AloneAsync(async () =>
    {
        var pause = FirstPause;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var state = await BeginAsync(report, cancellation);
                pause = FirstPause;
                await StepsAsync(state, report, cancellation);
            }
            catch (Exception fault) when (!cancellation.IsCancellationRequested && (fault is OriginAwayException or RefusedCopyException || StorageFaults.MayPass(fault)))
            {
                report.Complain($"{fault.Message} The next try is in {pause.TotalSeconds:0} seconds.");
                await Task.Delay(pause, clock, cancellation);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        cancellation.ThrowIfCancellationRequested();
    }, cancellation);

    private async Task<bool> AloneAsync(Func<Task> work, CancellationToken cancellation)
    {
        using var alone = MirrorLock.TryTake(temporary.PathOf(MirrorLock.NameOf(origin.Name)));
        await using var only = await locks.TryTakeAsync($"mirror {origin.Name}", cancellation);
        if (alone is null || only is null)
            return false;
        await work();
        return true;
    }

    /// <summary>Goes on as long as what is seen is the same, and the feed is.</summary>
    private async Task StepsAsync(MirrorState state, MirrorReport report, CancellationToken cancellation)
    {
        var (looked, tried) = (clock.GetTimestamp(), clock.GetTimestamp());
        while (true)
        {
            var (before, asked) = (state.Serial, clock.GetTimestamp());
            state = await NextAsync(state, WaitSeconds, report, cancellation);
            // An origin that does not hold its answers is not asked without a pause.
            if (state.Serial == before && clock.GetElapsedTime(asked) < FirstPause)
                await Task.Delay(FirstPause, clock, cancellation);
            if (clock.GetElapsedTime(looked) < SightInterval && state.Serial != before)
                continue;
            if (!await feed.IsSameAsync(state, cancellation) || await feed.SightAsync(cancellation) != state.Sight
                || (state.Pending.Count > 0 && clock.GetElapsedTime(tried) > PendingInterval))
                return;
            looked = clock.GetTimestamp();
        }
    }

    /// <summary>Takes up where the last run ended: with the whole catalog when there is none, or when the events alone would not tell all.</summary>
    private async Task<MirrorState> BeginAsync(MirrorReport report, CancellationToken cancellation)
    {
        var sight = await feed.SightAsync(cancellation);
        var state = await rows.FindAsync(origin.Name, cancellation);
        var isSame = state is not null && await feed.IsSameAsync(state, cancellation);
        if (isSame && state!.Sight == sight)
            return await TryPendingAsync(state, report, cancellation);
        var serial = await feed.NewestAsync(cancellation);
        var mark = isSame ? state!.Mark : await feed.MarkAsync(serial, cancellation);
        report.Say(state is null ? $"Reading the whole catalog of {origin.Name}, as of event {serial}."
            : isSame ? $"What is followed of {origin.Name} has changed: reading its whole catalog." : $"{origin.Name} does not have the events that were read of it: reading its whole catalog.");
        var pending = new List<string>();
        foreach (var subject in await CatalogAsync(null, serial, cancellation))
            await CopyAsync(subject, serial, [], pending, report, cancellation);
        await feed.DemandTokenAsync(cancellation);
        // What was told since the last run may have been deleted again, which only the events say.
        var done = new MirrorState(isSame ? state!.Serial : serial, mark, sight, pending);
        await rows.StoreAsync(origin.Name, done, cancellation);
        return done;
    }

    private async Task<MirrorState> TryPendingAsync(MirrorState state, MirrorReport report, CancellationToken cancellation)
    {
        if (state.Pending.Count == 0)
            return state;
        var serial = await feed.NewestAsync(cancellation);
        var pending = new List<string>();
        foreach (var subject in state.Pending.Select(text => text.Split('/')).Where(parts => parts.Length == 2 && options.Value.Covers(parts[0])))
            await CopyAsync(new ComponentSubject(subject[0], subject[1]), serial, [], pending, report, cancellation);
        var done = state with { Pending = pending };
        if (!pending.SequenceEqual(state.Pending, StringComparer.Ordinal))
            await rows.StoreAsync(origin.Name, done, cancellation);
        return done;
    }

    /// <summary>Does what the next page of events tells of.</summary>
    private async Task<MirrorState> NextAsync(MirrorState state, int wait, MirrorReport report, CancellationToken cancellation)
    {
        var (events, next) = await feed.ReadAsync(state.Serial, wait, cancellation);
        if (next == state.Serial)
            return state;
        await feed.DemandTokenAsync(cancellation);
        var told = events.Where(one => one.Component is { } subject && options.Value.Covers(subject.Namespace)).ToLookup(one => one.Component!);
        var subjects = told.Select(group => group.Key).ToList();
        foreach (var space in events.Select(one => one.Space).OfType<string>().Where(options.Value.Covers).Distinct(StringComparer.Ordinal))
            subjects.AddRange(await CatalogAsync(space, next, cancellation));
        var pending = state.Pending.ToList();
        foreach (var subject in subjects.Distinct())
            await CopyAsync(subject, next, [.. told[subject].Select(one => one.DroppedChannel).OfType<string>()], pending, report, cancellation);
        var done = state with { Serial = next, Mark = events.Count > 0 ? events[^1].Mark : state.Mark, Pending = pending };
        await rows.StoreAsync(origin.Name, done, cancellation);
        return done;
    }

    private async Task CopyAsync(ComponentSubject subject, long serial, IReadOnlyCollection<string> dropped, List<string> pending, MirrorReport report, CancellationToken cancellation)
    {
        var text = $"{subject.Namespace}/{subject.Name}";
        pending.Remove(text);
        if (!await components.RunAsync(subject.Namespace, subject.Name, serial, dropped, report, cancellation))
            pending.Add(text);
    }

    /// <summary>The components of a namespace, or of all that are followed.</summary>
    private async Task<IReadOnlyList<ComponentSubject>> CatalogAsync(string? space, long serial, CancellationToken cancellation)
    {
        var found = new List<ComponentSubject>();
        var wanted = space is not null ? [space] : options.Value.Namespaces;
        foreach (var one in wanted.DefaultIfEmpty(""))
        {
            await foreach (var subject in OriginPages.ReadAsync<ComponentSubject>(origin, $"api/v1/records?limit=200&serial={serial}{(one.Length == 0 ? "" : $"&namespace={one}")}", MostPages, cancellation))
            {
                if (ComponentName.IsNamespace(subject.Namespace ?? "") && ComponentName.IsName(subject.Name ?? "") && options.Value.Covers(subject.Namespace!))
                    found.Add(subject);
            }
        }
        return found;
    }
}
