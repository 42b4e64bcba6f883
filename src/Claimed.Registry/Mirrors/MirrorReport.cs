namespace Claimed.Registry.Mirrors;

/// <summary>What a run did, line by line, and how much of it.</summary>
/// <param name="say">Takes what was done.</param>
/// <param name="complain">Takes what was not.</param>
public sealed class MirrorReport(Action<string> say, Action<string> complain, TimeProvider clock)
{
    /// <summary>Versions that are here for the first time.</summary>
    public int Copied { get; set; }

    /// <summary>What else changed: yanks, channels, descriptions.</summary>
    public int Changed { get; private set; }

    /// <summary>What could not be copied.</summary>
    public int Refused { get; private set; }

    /// <summary>Unix milliseconds.</summary>
    public long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public void Say(string line) => say(line);

    public void Change(string line)
    {
        Changed++;
        say(line);
    }

    /// <param name="what">A component, or a version of one.</param>
    public void Refuse(string what, string why)
    {
        Refused++;
        complain($"{what} is not copied: {why.TrimEnd('.')}.");
    }

    public void Complain(string line) => complain(line);
}
