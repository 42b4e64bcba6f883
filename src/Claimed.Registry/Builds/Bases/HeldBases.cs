using System.Collections.Concurrent;

namespace Claimed.Registry.Builds.Bases;

/// <summary>Base images that this builder's engine was seen to have: builds that begin with one of them are taken first, where several have their turn.</summary>
public sealed class HeldBases
{
    // A builder that has seen more than this prefers nothing wrong, only less.
    private const int Most = 1000;
    private readonly ConcurrentDictionary<string, bool> _names = new(StringComparer.Ordinal);

    /// <param name="name">As a Dockerfile names it.</param>
    public bool Contains(string name) => _names.ContainsKey(name);

    public void Add(string name)
    {
        if (_names.Count >= Most)
            _names.Clear();
        _names[name] = true;
    }
}
