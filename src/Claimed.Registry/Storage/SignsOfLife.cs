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

    /// <summary>
    /// Reads the rows. Whoever cannot look sees no signs either: after a look that failed everyone has the whole time anew, and the time that
    /// a look took, such as one at a database that stood still, counts against nobody.
    /// </summary>
    public async Task<T> LookAsync<T>(Func<Task<T>> read)
    {
        var began = clock.GetTimestamp();
        try
        {
            var rows = await read();
            var took = clock.GetTimestamp() - began;
            foreach (var (key, (sign, seen)) in _seen.ToList())
                _seen[key] = (sign, seen + took);
            return rows;
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
