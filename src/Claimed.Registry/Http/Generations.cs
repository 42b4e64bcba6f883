using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Claimed.Registry.Http;

/// <summary>
/// Values by key, bounded in bytes. There are two generations: when the young one is full it becomes the old one, and what nobody asked
/// for since the last time is dropped; so a flood of keys costs at most the bound.
/// </summary>
/// <param name="maxBytes">Of both generations together, as callers count; 0 keeps nothing.</param>
internal sealed class Generations<T>(long maxBytes) where T : class
{
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<string, Entry> _young = new(StringComparer.Ordinal);
    private volatile ConcurrentDictionary<string, Entry> _old = new(StringComparer.Ordinal);
    private long _youngBytes;
    private long _oldBytes;

    /// <summary>What is kept now.</summary>
    public long Bytes => Interlocked.Read(ref _youngBytes) + Interlocked.Read(ref _oldBytes);

    /// <param name="isUseful">False for a value that is no longer to be found or kept.</param>
    public bool TryFind(string key, Func<T, bool> isUseful, [NotNullWhen(true)] out T? value)
    {
        var isYoung = _young.TryGetValue(key, out var entry);
        value = isYoung || _old.TryGetValue(key, out entry) ? entry.Value : null;
        if (value is null || !isUseful(value))
        {
            value = null;
            return false;
        }
        if (!isYoung)
            Keep(key, value, entry.Size);
        return true;
    }

    /// <summary>The value under this key, useful or not, which is not kept for it any longer.</summary>
    public T? Peek(string key) => _young.TryGetValue(key, out var entry) || _old.TryGetValue(key, out entry) ? entry.Value : null;

    /// <summary>Takes the place of what is kept under this key; what is larger than a generation is not kept.</summary>
    public void Keep(string key, T value, long size)
    {
        if (size > maxBytes / 2)
            return;
        lock (_turn)
        {
            if (_youngBytes + size > maxBytes / 2)
            {
                (_old, _oldBytes) = (_young, _youngBytes);
                (_young, _youngBytes) = (new(StringComparer.Ordinal), 0);
            }
            if (_young.TryGetValue(key, out var before))
                _youngBytes -= before.Size;
            _young[key] = new Entry(value, size);
            _youngBytes += size;
        }
    }

    private readonly record struct Entry(T Value, long Size);
}
