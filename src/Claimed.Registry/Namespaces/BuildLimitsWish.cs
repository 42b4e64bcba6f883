using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Namespaces;

/// <summary>What a request says of the limits of a namespace's builds: all of them at once; what it leaves out is as the settings say.</summary>
internal static class BuildLimitsWish
{
    private const int MostSeconds = 7 * 24 * 3600;
    private const long LeastMemory = 16 << 20;

    public static NamespaceLimits Read(JsonBody asked)
    {
        if (asked.Part("builds", "concurrency", "timeoutSeconds", "idleSeconds", "memory", "cpus", "pids", "imageBytes") is not { } builds)
            return new NamespaceLimits();
        return new NamespaceLimits(Within(builds, "concurrency", 1, 10_000), Within(builds, "timeoutSeconds", 10, MostSeconds), Within(builds, "idleSeconds", 10, MostSeconds),
            AtLeast(builds, "memory", LeastMemory), builds.Amount("builds.cpus"), Within(builds, "pids", 16, 4_194_304), AtLeast(builds, "imageBytes", 1));
    }

    private static int? Within(JsonBody builds, string name, int least, int most) => builds.Number($"builds.{name}") switch
    {
        { } value when value < least || value > most => throw JsonBody.Bad($"builds.{name}", $"is from {least} to {most}, or null."),
        var value => value,
    };

    private static long? AtLeast(JsonBody builds, string name, long least) => builds.Count($"builds.{name}") switch
    {
        { } value when value < least => throw JsonBody.Bad($"builds.{name}", $"is at least {least} bytes, or null."),
        var value => value,
    };
}
