namespace Claimed.Registry.Evidence.Packages;

/// <summary>What layers say of packages, by digest, so that those of a base image are read once and not for each build. Bounded; what was used longest ago goes.</summary>
internal sealed class LayerMemory(long mostBytes)
{
    private readonly Lock _turn = new();
    private readonly Dictionary<string, LinkedListNode<(string Digest, LayerContents Contents)>> _places = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Digest, LayerContents Contents)> _byUse = new();
    private long _bytes;

    public LayerContents? Find(string digest)
    {
        lock (_turn)
        {
            if (!_places.TryGetValue(digest, out var place))
                return null;
            _byUse.Remove(place);
            _byUse.AddFirst(place);
            return place.Value.Contents;
        }
    }

    public void Keep(string digest, LayerContents contents)
    {
        lock (_turn)
        {
            if (contents.Weight > mostBytes || _places.ContainsKey(digest))
                return;
            _places[digest] = _byUse.AddFirst((digest, contents));
            _bytes += contents.Weight;
            while (_bytes > mostBytes && _byUse.Last is { } last)
            {
                _byUse.RemoveLast();
                _places.Remove(last.Value.Digest);
                _bytes -= last.Value.Contents.Weight;
            }
        }
    }
}
