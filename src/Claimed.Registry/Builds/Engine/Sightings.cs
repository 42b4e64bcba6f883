namespace Claimed.Registry.Builds.Engine;

/// <summary>
/// Tells what at an engine is older than every build that runs, by what earlier rounds of housekeeping saw. Times say nothing of that: clocks
/// of builders and engines differ, and may be set back while a build runs.
/// </summary>
public sealed class Sightings
{
    private Dictionary<string, long> _things = [];
    private Dictionary<(long Build, long Fence), long> _builds = [];
    private long _round;

    /// <summary>Notes what a round sees; what it sees no more is forgotten.</summary>
    /// <param name="things">Ids of what is at the engine, read <b>before</b> the builds: what was in an earlier round's list was made before any build that this round did not see.</param>
    /// <param name="builds">Those under way.</param>
    public void Note(IEnumerable<string> things, IEnumerable<(long Build, long Fence)> builds)
    {
        _round++;
        _things = Seen(things, _things);
        _builds = Seen(builds, _builds);
    }

    /// <summary>Whether a thing of this round was there before the first of the builds that run.</summary>
    public bool IsOld(string thing) => _builds.Count == 0 || _things[thing] < _builds.Values.Min();

    private Dictionary<T, long> Seen<T>(IEnumerable<T> now, Dictionary<T, long> before) where T : notnull =>
        now.Distinct().ToDictionary(one => one, one => before.GetValueOrDefault(one, _round));
}
