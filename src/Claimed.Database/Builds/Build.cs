using Claimed.Database.Catalog;

namespace Claimed.Database.Builds;

/// <summary>One attempt to make a version's image. The row is the queue; messages only wake builders.</summary>
public sealed class Build
{
    public long Id { get; set; }

    public long VersionId { get; set; }

    public ComponentVersion? Version { get; set; }

    /// <summary>Whose turn it uses: builders share themselves out among namespaces.</summary>
    public long NamespaceId { get; set; }

    /// <summary>Builds of one version with the same round make its image together, one for each platform.</summary>
    public int Round { get; set; } = 1;

    /// <summary>What the image is for, such as <c>linux/amd64</c>; null for the platform of whichever engine takes it.</summary>
    public string? Platform { get; set; }

    /// <summary>The base image as the source names it: builders that hold it take the build first.</summary>
    public string? BaseName { get; set; }

    public required string State { get; set; }

    public string? Reason { get; set; }

    /// <summary>How often a builder has taken the row; part of the tag that is pushed.</summary>
    public int Attempt { get; set; }

    /// <summary>Raised whenever a builder takes the row; every later write of that builder must name it.</summary>
    public long Fence { get; set; }

    /// <summary>Raised by the holder while it lives.</summary>
    public long Beat { get; set; }

    public string? Holder { get; set; }

    public string? Engine { get; set; }

    public bool CancelRequested { get; set; }

    public long QueuedAt { get; set; }

    /// <summary>Not to be taken before this time (backoff).</summary>
    public long NotBefore { get; set; }

    public long? StartedAt { get; set; }

    public long? EndedAt { get; set; }

    public string? ImageDigest { get; set; }

    /// <summary>Bytes of the image as the engine holds it, unpacked.</summary>
    public long? ImageBytes { get; set; }

    /// <summary>Bytes that the image is expected to have; null where nobody said.</summary>
    public long? ExpectedBytes { get; set; }

    /// <summary>Seconds that the build is expected to take; null where nobody said.</summary>
    public long? ExpectedSeconds { get; set; }

    /// <summary>sha256 over everything that shapes the image; builds that agree in it have the same image.</summary>
    public string? Recipe { get; set; }

    /// <summary>The build whose image this one took instead of making it again.</summary>
    public long? SameAs { get; set; }

    /// <summary>Blob of the Dockerfile that the engine got.</summary>
    public string? DockerfileBlob { get; set; }

    /// <summary>Which step failed, why, and what asked for it, as JSON; null unless a step did.</summary>
    public string? Failure { get; set; }

    /// <summary>W3C trace context of the request that queued the build, so that its trace goes on after a restart; null when nobody traces.</summary>
    public string? TraceParent { get; set; }

    /// <summary>Blob of the whole log, once the build has ended.</summary>
    public string? LogBlob { get; set; }

    /// <summary>Where the middle of a long log was cut out, in characters of the whole; null for one that is whole.</summary>
    public long? LogCutFrom { get; set; }

    /// <summary>Where it goes on after the cut.</summary>
    public long? LogCutTo { get; set; }

    public List<BuildBase> Bases { get; set; } = [];
}

/// <summary>An image that a build was made from, as it was found when the build ran.</summary>
public sealed class BuildBase
{
    public long BuildId { get; set; }

    /// <summary>As the Dockerfile names it.</summary>
    public required string Name { get; set; }

    /// <summary>Digest of its manifest; null for an image that no registry has.</summary>
    public string? Digest { get; set; }

    /// <summary>Digest of its configuration, which engines call the image's id.</summary>
    public string? ImageId { get; set; }
}

/// <summary>A piece of a running build's log: at most 64 KiB or one second.</summary>
public sealed class BuildLogPart
{
    public long BuildId { get; set; }

    /// <summary>Counts from 1 within the build.</summary>
    public int Part { get; set; }

    /// <summary>Where it begins, in characters of the whole log.</summary>
    public long Start { get; set; }

    public required string Text { get; set; }
}

/// <summary>Where a build stands.</summary>
public static class BuildState
{
    /// <summary>Not in the queue yet: it waits until somebody asks for its version.</summary>
    public const string Deferred = "deferred";

    public const string Queued = "queued";
    public const string Building = "building";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static bool HasEnded(string state) => state is Succeeded or Failed or Cancelled;
}
