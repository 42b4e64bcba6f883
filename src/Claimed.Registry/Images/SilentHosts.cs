using System.Collections.Concurrent;

namespace Claimed.Registry.Images;

/// <summary>Hosts that could not be reached a moment ago: a publish of many versions without a network should not wait for each.</summary>
/// <param name="rest">How long one is left alone.</param>
internal sealed class SilentHosts(TimeProvider clock, TimeSpan? rest = null)
{
    /// <summary>Publishers name hosts freely; more of them are simply asked again.</summary>
    internal const int MaxHosts = 256;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, OutsideImage Answer)> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public int Count => _hosts.Count;

    public OutsideImage? Find(string host) => _hosts.TryGetValue(host, out var silent) && clock.GetUtcNow() < silent.Until ? silent.Answer : null;

    public void Learn(string host, OutsideImage answer)
    {
        if (!answer.IsHostSilent)
        {
            _hosts.TryRemove(host, out _);
            return;
        }
        var now = clock.GetUtcNow();
        if (_hosts.Count >= MaxHosts)
        {
            foreach (var (known, silent) in _hosts)
            {
                if (silent.Until <= now)
                    _hosts.TryRemove(known, out _);
            }
        }
        if (_hosts.Count < MaxHosts)
            _hosts[host] = (now + (rest ?? Rest), answer);
    }
}
