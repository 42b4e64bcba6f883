namespace Claimed.Registry.Storage;

/// <summary>
/// For how long holders of rows have given no sign, by this process's own clock alone: a sign is whatever the holder changes while it lives,
/// and no two machines' clocks are compared. Not for several threads.
/// </summary>
internal sealed class SignsOfLife<TKey, TSign>(TimeProvider clock)
    where TKey : notnull
    where TSign : IEquatable<TSign>
{
    private readonly Dictionary<TKey, (TSign Sign, long Seen)> _seen = [];

    /// <summary>Reads the rows. Whoever cannot look sees no signs either: after a look that failed everyone has the whole time anew.</summary>
    public async Task<T> LookAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch
        {
            _seen.Clear();
            throw;
        }
    }

    /// <summary>How long it has been as it is; no time for one that was not seen so before.</summary>
    public TimeSpan Silence(TKey key, TSign sign)
    {
        if (!_seen.TryGetValue(key, out var seen) || !seen.Sign.Equals(sign))
            _seen[key] = seen = (sign, clock.GetTimestamp());
        return clock.GetElapsedTime(seen.Seen);
    }

    /// <summary>Forgets all but these.</summary>
    public void Keep(IEnumerable<TKey> those)
    {
        foreach (var gone in _seen.Keys.Except(those).ToList())
            _seen.Remove(gone);
    }
}
