namespace Claimed.Registry.Builds.Bases;

/// <summary>When an engine is asked to fetch a base image.</summary>
public enum PullBases
{
    /// <summary>When it does not hold it.</summary>
    Missing,

    /// <summary>Before every build, so that a tag that moved is followed; what no registry has is taken as it is.</summary>
    Always,
}
