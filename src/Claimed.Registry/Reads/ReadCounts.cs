using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Reads;

/// <summary>Adds what answers have counted to the rows of their versions, by client and day.</summary>
public sealed class ReadCounts(ReadTallies tallies, RegistryDatabase database, TimeProvider clock, ILogger<ReadCounts> logger) : BatchedCounts(clock, logger)
{
    private const int PerTransaction = 500;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<(long Version, string Client), long> _left = [];

    public override async Task StoreAsync()
    {
        await _one.WaitAsync();
        try
        {
            foreach (var (key, count) in tallies.Take())
                _left[key] = _left.GetValueOrDefault(key) + count;
            while (_left.Count > 0)
            {
                // In the order of components' versions everywhere: two nodes that store at once do not wait for each other in a circle.
                var part = _left.OrderBy(pair => pair.Key.Version).ThenBy(pair => pair.Key.Client, StringComparer.Ordinal).Take(PerTransaction).ToList();
                await database.ChangeAsync(change => ReadRows.AddAsync(change, part.Select(pair => (pair.Key.Version, pair.Key.Client, pair.Value))), CancellationToken.None);
                part.ForEach(pair => _left.Remove(pair.Key));
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _one.Dispose();
    }
}
