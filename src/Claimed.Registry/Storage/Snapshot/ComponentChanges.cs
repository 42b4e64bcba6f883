using Claimed.Registry.Http;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>Changes of one component on the condition that it still is what the client has read.</summary>
public sealed class ComponentChanges(RegistryDatabase database, SnapshotFeed feed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction that holds the component's row. The tag is compared with the document as readers get it
    /// from memory; that counts only if nothing happened to the component since, which the transaction sees from the events.
    /// </summary>
    /// <param name="document">What the client must have read; null when it is not there, which is for the work to say.</param>
    /// <param name="work">Gets the component's id.</param>
    /// <exception cref="RefusedException">There is no such component, or a condition does not hold.</exception>
    public async Task RunAsync(
        string space, string name, Conditions conditions, Func<ComponentEntry, Served?> document, Func<Change, long, Task> work, CancellationToken cancellation)
    {
        while (true)
        {
            var read = feed.Current;
            if (!conditions.IsUnconditional && read.Find(space, name) is { } component && document(component) is { } current && !conditions.Hold(current.Tag))
                throw Failed($"{component.Subject} has changed since it was read: read it again and send its ETag.", current);
            var newer = await database.ChangeAsync(change => TryAsync(change, space, name, conditions.IsUnconditional ? null : read.Serial, work), cancellation);
            if (newer is not { } serial)
                return;
            if (await feed.WaitForAsync(snapshot => snapshot.Serial >= serial ? snapshot : null, Patience, cancellation) is null)
                throw Failed($"{space}/{name} has changed a moment ago: read it again and send its ETag.", null);
        }
    }

    /// <summary>Serial of an event that the reader had not seen; null when the work is done.</summary>
    private static async Task<long?> TryAsync(Change change, string space, string name, long? seen, Func<Change, long, Task> work)
    {
        var id = await change.LockComponentAsync(space, name) ?? throw new RefusedException(Missing.Component(space, name));
        if (seen is not null)
        {
            var subject = $"{space}/{name}";
            var last = await change.Db.Events.Where(entry => entry.Serial > seen && entry.Subject == subject)
                .MaxAsync(entry => (long?)entry.Serial, change.Cancellation);
            if (last is not null)
            {
                change.Abandon();
                return last;
            }
        }
        await work(change, id);
        return null;
    }

    private static RefusedException Failed(string detail, Served? current) => new(Conditions.Failed(detail, current?.Tag));
}
