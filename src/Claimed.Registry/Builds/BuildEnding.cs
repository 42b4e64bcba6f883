using Claimed.Database.Builds;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Telemetry;

namespace Claimed.Registry.Builds;

/// <summary>What becomes of a build that did not get its image, and what its readers are told.</summary>
/// <param name="State">The state in which it ends, or <see cref="BuildState.Queued"/> when it goes back into the queue.</param>
/// <param name="Reason">A sentence without paths or texts of exceptions that are not ours.</param>
/// <param name="CountsAttempt">Of one that goes back: false when the fault is not the build's.</param>
/// <param name="Pause">Of one that goes back: not to be taken before; null lets it grow with the attempts.</param>
internal sealed record BuildEnding(string State, string Reason, bool CountsAttempt = true, TimeSpan? Pause = null)
{
    private const string NoSpace = "The registry has no space left for the files of this build; it goes on when there is room.";
    private const string NoDatabase = "The database failed while the build was under way.";
    private const string OurFault = "The registry failed while it worked on this build; its log says why.";

    /// <summary>How often a build looks whether the disk has room again.</summary>
    private static readonly TimeSpan SpacePause = TimeSpan.FromSeconds(10);

    /// <summary>How long a build waits for room at the engine. Its attempts count: whether the disk is full or a step fills it, nobody can tell.</summary>
    private static readonly TimeSpan EngineSpacePause = TimeSpan.FromMinutes(2);

    /// <summary>Nothing names the cause but the registry's own log.</summary>
    public bool IsUnexpected => Reason is OurFault or NoDatabase;

    public BuildOutcome OutcomeFor(BuildLease lease) => State switch
    {
        BuildState.Cancelled => BuildOutcome.Cancelled,
        BuildState.Queued when !CountsAttempt || lease.Attempt < BuildQueue.MaxAttempts => BuildOutcome.Requeued,
        _ => BuildOutcome.Failed,
    };

    /// <param name="why">What ended it from outside; null when the fault did.</param>
    public static BuildEnding Of(string? why, Exception fault) => (why, fault) switch
    {
        (BuildLimits.Stopping, _) => new(BuildState.Queued, "The registry was stopped during the build.", CountsAttempt: false, TimeSpan.Zero),
        (BuildLimits.Cancelled, _) => new(BuildState.Cancelled, BuildLimits.Cancelled),
        (not null, _) => new(BuildState.Failed, why),
        (_, BuildFailedException or ArgumentException) => new(BuildState.Failed, fault.Message),
        // Our own store has refused the image, and will again.
        (_, EngineUnavailableException) when fault.Message.Contains(NamespaceQuota.Words, StringComparison.Ordinal) => new(BuildState.Failed, fault.Message),
        (_, EngineUnavailableException { IsFull: true }) => new(BuildState.Queued, fault.Message, Pause: EngineSpacePause),
        (_, EngineUnavailableException) => new(BuildState.Queued, fault.Message),
        _ when StorageFaults.IsFull(fault) => new(BuildState.Queued, NoSpace, CountsAttempt: false, SpacePause),
        _ when StorageFaults.MayPass(fault) => new(BuildState.Queued, NoDatabase),
        _ => new(BuildState.Queued, OurFault),
    };
}
