namespace Claimed.Registry.Builds;

/// <summary>What a container engine is and whether it can be used, as it was seen a moment ago.</summary>
/// <param name="Name"><c>docker</c> or <c>podman</c>; empty while it never answered.</param>
/// <param name="Version">Such as <c>20.10.24</c>.</param>
/// <param name="ApiVersion">The newest version of Docker's API that it speaks, such as <c>1.41</c>.</param>
/// <param name="Platform">Its own, such as <c>linux/amd64</c>.</param>
/// <param name="Platforms">Those that it can build for, its own first.</param>
/// <param name="Fault">Why it takes no builds; null when it does.</param>
public sealed record EngineState(string Name, string Version, string ApiVersion, string Platform, IReadOnlyList<string> Platforms, string? Fault = null)
{
    /// <summary>One that does not answer.</summary>
    public static EngineState Away(string fault) => new("", "", "", "", [], fault);

    /// <summary>For people: <c>docker 20.10.24 linux/amd64</c>.</summary>
    public string Title => $"{Name} {Version} {Platform}";
}
