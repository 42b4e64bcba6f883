using System.Globalization;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Whether the kernel killed a step for its memory.</summary>
internal static class StepMemory
{
    private const int Killed = 128 + 9;
    private const int MostLooks = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Docker remembers it of the container; Podman tells nothing but that a command was killed.</summary>
    public static async Task<bool> IsOutOfAsync(DockerClient engine, BuildOutput watch, CancellationToken cancellation)
    {
        if (EngineFaults.ExitCodeOf(watch.Error ?? "") is not { } code)
            return false;
        if (watch.Container is not { } container)
            return code == Killed || watch.Tail.Contains("container exited on killed", StringComparison.Ordinal);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            // The engine hears of it from another program, perhaps after the end of the command.
            for (var looks = code == Killed ? MostLooks : 1; ; looks--)
            {
                if (await IsRememberedAsync(engine, container, limit.Token))
                    return true;
                if (looks == 1)
                    return false;
                await Task.Delay(Pause, limit.Token);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or FormatException || EngineFaults.IsConnection(fault))
        {
            return code == Killed;
        }
    }

    private static async Task<bool> IsRememberedAsync(DockerClient engine, string container, CancellationToken cancellation)
    {
        // By the engine's own clock; what is later would be waited for.
        var now = DateTimeOffset.Parse((await engine.System.GetSystemInfoAsync(cancellation)).SystemTime, CultureInfo.InvariantCulture);
        var seen = new Seen(container);
        await engine.System.MonitorEventsAsync(new ContainerEventsParameters
        {
            Since = "0",
            Until = string.Create(CultureInfo.InvariantCulture, $"{now.ToUnixTimeSeconds()}.{now.Ticks % TimeSpan.TicksPerSecond * 100:000000000}"),
            Filters = new Dictionary<string, IDictionary<string, bool>> { ["event"] = new Dictionary<string, bool> { ["oom"] = true } },
        }, seen, cancellation);
        return seen.IsFound;
    }

    /// <summary>Synchronous on purpose: <c>Progress&lt;T&gt;</c> reports late.</summary>
    private sealed class Seen(string container) : IProgress<Message>
    {
        public bool IsFound { get; private set; }

        public void Report(Message value) => IsFound |= value.Actor?.ID?.StartsWith(container, StringComparison.Ordinal) == true;
    }
}
