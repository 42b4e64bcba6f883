using Claimed.Components.Failures;
using Claimed.Components.Sources;
using Claimed.Registry.Builds.Logs;

namespace Claimed.Registry.Builds;

/// <summary>Makes of a failed step what its publisher is told.</summary>
internal static class BuildFailures
{
    // Enough for the output of one command's end; the whole log is there, too.
    private const int TailLength = 16 * 1024;

    /// <summary>Does what an engine is asked for, and explains what comes of it.</summary>
    /// <param name="files">What was published.</param>
    /// <param name="added">Instructions that stand behind each FROM and nobody published.</param>
    public static async Task<T> GuardAsync<T>(BuildContext context, IReadOnlyList<SourceFile> files, int added, BuildLog log, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (BuildFailedException failed) when (!failed.IsSaid)
        {
            throw Explained(failed, context, files, added, log);
        }
    }

    private static BuildFailedException Explained(BuildFailedException failed, BuildContext context, IReadOnlyList<SourceFile> files, int added, BuildLog log)
    {
        var step = failed.Step;
        var failure = FailureReader.Read(new FailedBuild(step?.Title, failed.Message, log.Tail(TailLength), step?.ExitCode, step is { IsOutOfMemory: true })
        {
            TitleInLog = step is null ? null : AddressAccounts.Masked(step.Title),
            OwnDockerfile = context.Installed is null ? context.Dockerfile : null,
            Installed = context.Installed ?? [],
            Files = files,
            Added = added,
        });
        return new BuildFailedException(failure.Reason) { Step = step, Failure = failure };
    }
}
