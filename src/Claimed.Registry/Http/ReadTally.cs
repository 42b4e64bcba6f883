using System.Collections.Concurrent;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http;

/// <summary>
/// Counts how often one answer about a version was given. It hangs on the answer, so that one which is kept and passes no handler counts too, for the
/// price of an addition.
/// </summary>
public sealed class ReadTally
{
    private readonly ReadTallies _all;
    private readonly int? _ofPath;
    private readonly long[] _counts = new long[ReadClient.All.Count];
    private int _isListed;

    internal ReadTally(ReadTallies all, long version, int? ofPath)
    {
        _all = all;
        _ofPath = ofPath;
        Version = version;
    }

    /// <summary>Id of the version.</summary>
    internal long Version { get; }

    /// <summary>Counts an answer that is about to be given. A client that has the bytes already uses them, too; HEAD only looks.</summary>
    internal void Count(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method))
            return;
        Interlocked.Increment(ref _counts[ReadClient.Of(request.Headers.UserAgent, _ofPath)]);
        if (Volatile.Read(ref _isListed) == 0 && Interlocked.Exchange(ref _isListed, 1) == 0)
            _all.Add(this);
    }

    /// <summary>What was counted since the last time, by the place of the client.</summary>
    internal IEnumerable<(int Client, long Count)> Take()
    {
        // Listed again by whoever counts from here on; nothing falls between.
        Interlocked.Exchange(ref _isListed, 0);
        for (var client = 0; client < _counts.Length; client++)
        {
            if (Interlocked.Exchange(ref _counts[client], 0) is > 0 and var count)
                yield return (client, count);
        }
    }
}

/// <summary>The tallies that have counted something since it was last stored.</summary>
public sealed class ReadTallies
{
    private readonly ConcurrentQueue<ReadTally> _counted = new();

    internal void Add(ReadTally tally) => _counted.Enqueue(tally);

    /// <summary>What was counted since the last time, by version and client.</summary>
    public Dictionary<(long Version, string Client), long> Take()
    {
        var counts = new Dictionary<(long Version, string Client), long>();
        for (var left = _counted.Count; left > 0 && _counted.TryDequeue(out var tally); left--)
        {
            foreach (var (client, count) in tally.Take())
            {
                var key = (tally.Version, ReadClient.All[client]);
                counts[key] = counts.GetValueOrDefault(key) + count;
            }
        }
        return counts;
    }
}

/// <summary>How an answer about a version is counted.</summary>
public static class ReadTallying
{
    /// <summary>For <see cref="Served.Tally"/>: the answer is a read of this version.</summary>
    public static ReadTally TallyOf(this HttpContext context, VersionEntry version) =>
        new(context.RequestServices.GetRequiredService<ReadTallies>(), version.Id, ReadClient.OfPath(context.Request.Path.Value ?? ""));
}
