namespace Claimed.Registry.Storage;

/// <summary>What the database said.</summary>
/// <param name="IsKnown">False when it did not answer in time.</param>
public readonly record struct Asked<T>(T? Value, bool IsKnown);

/// <summary>
/// Questions to the database that an answer can do without: it is given without them rather than late. After one that failed the database is
/// left alone for a while, so that a server which is cut off delays one request and not each.
/// </summary>
/// <param name="patience">How long one question may take; one second unless it is said.</param>
public sealed class PatientReads(RegistryDatabase database, TimeProvider clock, TimeSpan? patience = null)
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private long _failedAt = -1;

    public async ValueTask<Asked<T>> AskAsync<T>(Func<Database.RegistryContext, CancellationToken, Task<T>> query, CancellationToken cancellation)
    {
        if (Interlocked.Read(ref _failedAt) is >= 0 and var failed && clock.GetElapsedTime(failed) < Pause)
            return default;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience ?? Usual);
        try
        {
            return new Asked<T>(await database.ReadAsync(db => query(db, limit.Token), limit.Token), true);
        }
        catch (Exception away) when (DatabaseFaults.IsAway(away) || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Interlocked.Exchange(ref _failedAt, clock.GetTimestamp());
            return default;
        }
    }
}
