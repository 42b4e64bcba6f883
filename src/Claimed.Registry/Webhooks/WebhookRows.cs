using System.Security.Cryptography;
using Claimed.Database.Events;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Webhooks;

/// <summary>The rows of webhooks: taken with a fence, kept with a beat, brought on with every event that was told.</summary>
internal sealed class WebhookRows(RegistryDatabase database, IOptions<WebhookOptions> options)
{
    private const int Chunk = 500;
    private const string Created = "namespace.created";

    /// <summary>Of this run of the program; what an earlier one of the same process id held is not ours.</summary>
    public string Holder { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>All that are not disabled.</summary>
    public Task<List<WebhookSight>> ReadAsync(CancellationToken cancellation) => database.ReadAsync(db => db.Webhooks
        .Where(row => row.Disabled == null).Join(db.Namespaces, row => row.NamespaceId, space => space.Id, (row, space) => new WebhookSight(
            row.Id, space.Name, row.Url, row.Secret, row.Kinds, row.Holder, row.Fence, row.Beat, row.Cursor, row.Failures, row.NotBefore))
        .ToListAsync(cancellation), cancellation);

    /// <summary>The next event after a serial that the webhook wants to be told, or how far there is none.</summary>
    public Task<(RegistryEvent? Event, long LookedTo)> NextAsync(string space, IReadOnlyList<string> kinds, long after, CancellationToken cancellation) =>
        database.ReadAsync(async db =>
        {
            var head = await db.EventHeads.Select(row => row.Serial).SingleAsync(cancellation);
            var prefix = space + "/";
            // Another namespace of that name had its own readers. Serials tell them apart: a clock may have been ahead when this one was made.
            var made = await db.Events.Where(row => row.Subject == space && row.Kind == Created).MaxAsync(row => (long?)row.Serial, cancellation) ?? 0;
            var start = Math.Max(after, made);
            var found = db.Events.Where(row => row.Serial > start && row.Serial <= head && row.Subject.StartsWith(prefix)).OrderBy(row => row.Serial);
            for (var from = start; ;)
            {
                var some = await found.Where(row => row.Serial > from).Take(Chunk).ToListAsync(cancellation);
                if (some.Find(row => WebhookKinds.IsWanted(kinds, row.Kind)) is { } next)
                    return ((RegistryEvent?)next, next.Serial - 1);
                if (some.Count < Chunk)
                    return (null, head);
                from = some[^1].Serial;
            }
        }, cancellation);

    /// <summary>Takes a webhook as it was seen; null when another was faster, or it has been changed.</summary>
    public Task<WebhookLease?> TakeAsync(WebhookSight seen, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        var taken = await change.Db.Webhooks.Where(row => row.Id == seen.Id && row.Fence == seen.Fence && row.Beat == seen.Beat && row.Disabled == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Fence, row => row.Fence + 1).SetProperty(row => row.Beat, row => row.Beat + 1)
                .SetProperty(row => row.Holder, Holder), change.Cancellation);
        return taken == 1 ? seen.Taken() : null;
    }, cancellation);

    /// <summary>Notes that an event was told; null when the lease is lost.</summary>
    public Task<WebhookLease?> DeliveredAsync(WebhookLease lease, long serial, Posted posted, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        if (await Held(change, lease).ExecuteUpdateAsync(set => set.SetProperty(row => row.Cursor, serial).SetProperty(row => row.Failures, 0)
            .SetProperty(row => row.NotBefore, 0).SetProperty(row => row.Beat, row => row.Beat + 1), change.Cancellation) != 1)
            return null;
        await NoteAsync(change, lease.Id, serial, lease.Failures + 1, posted);
        return lease with { Cursor = serial, Failures = 0 };
    }, cancellation);

    /// <summary>Notes that an attempt failed, and gives the webhook back until its next; disables it after the last.</summary>
    public Task FailedAsync(WebhookLease lease, long serial, Posted posted, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        var failures = lease.Failures + 1;
        var pause = posted.IsGone ? null : options.Value.PauseAfter(failures);
        var notBefore = change.Now + (long)(pause ?? TimeSpan.Zero).TotalMilliseconds;
        if (await Held(change, lease).ExecuteUpdateAsync(set => set.SetProperty(row => row.Failures, failures).SetProperty(row => row.NotBefore, notBefore)
            .SetProperty(row => row.Holder, (string?)null).SetProperty(row => row.Beat, row => row.Beat + 1), change.Cancellation) != 1)
            return;
        await NoteAsync(change, lease.Id, serial, failures, posted);
        if (pause is null)
            await DisableAsync(change, lease, posted.IsGone ? $"Event {serial}: {posted.Error} That means it is gone." : $"Event {serial} failed {failures} times, the last time with: {posted.Error}");
    }, cancellation);

    /// <summary>Stops a webhook that no retry can help.</summary>
    public Task StopAsync(WebhookLease lease, string reason, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        if (await Held(change, lease).ExecuteUpdateAsync(set => set.SetProperty(row => row.Holder, (string?)null), change.Cancellation) == 1)
            await DisableAsync(change, lease, reason);
    }, cancellation);

    /// <summary>Gives a webhook back, with how far nothing is to be told.</summary>
    public Task ReleaseAsync(WebhookLease lease, CancellationToken cancellation) => database.ChangeAsync(change =>
        Held(change, lease).ExecuteUpdateAsync(set => set.SetProperty(row => row.Cursor, lease.Cursor).SetProperty(row => row.Holder, (string?)null), change.Cancellation), cancellation);

    /// <summary>Moves the cursor of one that nobody holds over events that it is not told, so that the next start need not look through them.</summary>
    public Task SkipAsync(WebhookSight seen, long serial, CancellationToken cancellation) => database.ChangeAsync(change => change.Db.Webhooks
        .Where(row => row.Id == seen.Id && row.Fence == seen.Fence && row.Holder == null && row.Cursor == seen.Cursor && row.Cursor < serial)
        .ExecuteUpdateAsync(set => set.SetProperty(row => row.Cursor, serial), change.Cancellation), cancellation);

    /// <summary>Writes an attempt into the history, which keeps the newest.</summary>
    public async Task<WebhookDelivery> NoteAsync(Change change, long webhook, long serial, int attempt, Posted posted)
    {
        var noted = new WebhookDelivery
        {
            WebhookId = webhook,
            Serial = serial,
            Attempt = attempt,
            At = change.Now,
            Status = posted.Status,
            Error = posted.Error,
            Milliseconds = posted.Milliseconds,
        };
        change.Db.WebhookDeliveries.Add(noted);
        var oldest = await change.Db.WebhookDeliveries.Where(row => row.WebhookId == webhook).OrderByDescending(row => row.Id)
            .Skip(options.Value.KeptDeliveries - 1).Select(row => (long?)row.Id).FirstOrDefaultAsync(change.Cancellation);
        if (oldest is not null)
            await change.Db.WebhookDeliveries.Where(row => row.WebhookId == webhook && row.Id <= oldest).ExecuteDeleteAsync(change.Cancellation);
        return noted;
    }

    private static async Task DisableAsync(Change change, WebhookLease lease, string reason)
    {
        await change.Db.Webhooks.Where(row => row.Id == lease.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Disabled, reason), change.Cancellation);
        change.Tell(WebhookEvents.Disabled, lease.Space, new { webhook = lease.Id, host = lease.Url.Host, reason });
    }

    private static IQueryable<Webhook> Held(Change change, WebhookLease lease) => change.Db.Webhooks.Where(row => row.Id == lease.Id && row.Fence == lease.Fence);
}

/// <summary>Kinds of events about webhooks; owners alone read them.</summary>
internal static class WebhookEvents
{
    public const string Prefix = "namespace.webhook-";
    public const string Added = Prefix + "added";
    public const string Changed = Prefix + "changed";
    public const string Removed = Prefix + "removed";
    public const string Replayed = Prefix + "replayed";
    public const string Disabled = Prefix + "disabled";
}
