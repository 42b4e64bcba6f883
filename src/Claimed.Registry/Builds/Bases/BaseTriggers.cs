using Claimed.Components.Sources.Dockerfiles;

namespace Claimed.Registry.Builds.Bases;

/// <summary>
/// Instructions that a base image brings along (ONBUILD): they run in the build of whoever names it, and no reader of that Dockerfile has seen
/// them. They may do what a published ONBUILD may, and so take nothing out of other images and nothing from the network.
/// </summary>
internal static class BaseTriggers
{
    /// <summary>What is wrong with the first of them that may not run; null when all may.</summary>
    public static string? Problem(IEnumerable<string> triggers) => triggers.Select(Problem).FirstOrDefault(problem => problem is not null);

    private static string? Problem(string trigger)
    {
        // Engines keep one line; in a second one could stand what reads the first otherwise.
        var problem = trigger.AsSpan().IndexOfAny('\r', '\n') >= 0 ? "It has several lines."
            : DockerfileReading.Read($"FROM {DockerfileReading.Scratch}\nONBUILD {trigger}\n").Problems is [var first, ..] ? first.Message : null;
        return problem is null ? null : $"ONBUILD {trigger.Trim()}: {problem}";
    }
}
