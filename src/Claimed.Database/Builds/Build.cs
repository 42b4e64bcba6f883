using Claimed.Database.Catalog;

namespace Claimed.Database.Builds;

/// <summary>One attempt to make a version's image. The row is the queue; messages only wake builders.</summary>
public sealed class Build
{
    public long Id { get; set; }

    public long VersionId { get; set; }

    public ComponentVersion? Version { get; set; }

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

    /// <summary>W3C trace context of the request that queued the build, so that its trace goes on after a restart; null when nobody traces.</summary>
    public string? TraceParent { get; set; }

    /// <summary>Blob of the whole log, once the build has ended.</summary>
    public string? LogBlob { get; set; }
}

/// <summary>A piece of a running build's log: at most 64 KiB or one second.</summary>
public sealed class BuildLogPart
{
    public long BuildId { get; set; }

    /// <summary>Counts from 1 within the build; the SSE event id.</summary>
    public int Part { get; set; }

    public required string Text { get; set; }
}

/// <summary>Where a build stands.</summary>
public static class BuildState
{
    public const string Queued = "queued";
    public const string Building = "building";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static bool HasEnded(string state) => state is Succeeded or Failed or Cancelled;
}
