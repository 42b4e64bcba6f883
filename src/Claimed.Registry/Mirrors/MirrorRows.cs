using Claimed.Database.Events;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Mirrors;

/// <summary>How far an origin was followed.</summary>
/// <param name="Serial">Everything up to this event is done, or pending.</param>
/// <param name="Mark">The last event that was read.</param>
/// <param name="Sight">What was followed, and what the token saw.</param>
/// <param name="Pending">Components that are to be tried again.</param>
internal sealed record MirrorState(long Serial, string? Mark, string Sight, IReadOnlyList<string> Pending);

/// <summary>Remembers how far origins were followed. No event tells of it: nothing of the catalog changes.</summary>
internal sealed class MirrorRows(RegistryDatabase database)
{
    public Task<MirrorState?> FindAsync(string origin, CancellationToken cancellation) => database.ReadAsync(async db =>
        await db.Mirrors.SingleOrDefaultAsync(row => row.Origin == origin, cancellation) is { } row ? new MirrorState(row.Serial, row.Mark, row.Sight, Json.Read<string[]>(row.Pending)) : null, cancellation);

    public Task StoreAsync(string origin, MirrorState state, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        var row = await change.Db.Mirrors.SingleOrDefaultAsync(row => row.Origin == origin, change.Cancellation);
        if (row is null)
            change.Db.Mirrors.Add(row = new Mirror { Origin = origin, Sight = "" });
        (row.Serial, row.Mark, row.Sight, row.Pending, row.UpdatedAt) = (state.Serial, state.Mark, state.Sight, Json.Write(state.Pending), change.Now);
    }, cancellation);
}
