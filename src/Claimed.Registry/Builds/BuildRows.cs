using Claimed.Components;
using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Claimed.Registry.Telemetry;

namespace Claimed.Registry.Builds;

/// <summary>Says that a build waits until somebody asks for its version.</summary>
/// <param name="Estimate">What it is expected to take; null where nobody said.</param>
public sealed record Deferral(BuildEstimate? Estimate);

/// <summary>New rows for the queue.</summary>
internal static class BuildRows
{
    /// <summary>One for each platform that the publisher named; one, for whichever engine takes it, when none was.</summary>
    /// <param name="round">Counts from 1 within the version; the rows of one round make its image together.</param>
    /// <param name="deferral">Null for what is to be built now.</param>
    public static List<Build> Make(Change change, long space, int round, string? platforms, string? baseName, Deferral? deferral = null)
    {
        // What an earlier version took for a platform and is none: whichever engine takes it.
        var wanted = platforms is null ? null : Platforms.Read(platforms);
        return [.. (wanted ?? [null!]).Select(platform => new Build
        {
            NamespaceId = space,
            Round = round,
            Platform = platform,
            BaseName = baseName,
            State = deferral is null ? BuildState.Queued : BuildState.Deferred,
            ExpectedBytes = deferral?.Estimate?.ImageBytes,
            ExpectedSeconds = deferral?.Estimate?.Seconds,
            QueuedAt = change.Now,
            TraceParent = RegistryTraces.Current,
        })];
    }
}
