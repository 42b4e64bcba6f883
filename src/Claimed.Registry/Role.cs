namespace Claimed.Registry;

/// <summary>What a process that runs on does.</summary>
public enum Role
{
    /// <summary>Everything.</summary>
    Serve,

    /// <summary>All but builds.</summary>
    Web,

    /// <summary>Builds; of the web only health and the image store, which its engine pushes to.</summary>
    Build,
}
