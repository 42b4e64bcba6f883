namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>What can be wrong with a Dockerfile before anything of it runs.</summary>
public enum DockerfileProblemKind
{
    /// <summary>No engine takes it.</summary>
    Invalid,

    /// <summary>Engines read it differently, so nobody can say what it would use.</summary>
    Unclear,

    /// <summary>Only BuildKit takes it.</summary>
    NeedsBuildKit,

    /// <summary>It asks for more than a build here gets.</summary>
    Refused,
}

/// <summary>One of them, with its line counted from 1.</summary>
public sealed record DockerfileProblem(DockerfileProblemKind Kind, int Line, string Message);
