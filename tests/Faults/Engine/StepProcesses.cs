using System.Diagnostics;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Engine;

/// <summary>Commands of steps, as processes of this machine.</summary>
internal static class StepProcesses
{
    /// <summary>Waits until that many processes of this command run.</summary>
    public static async Task UntilAsync(string command, int count, RegistryProcess registry)
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Count(command) != count)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience.Limit, $"There were never {count} processes of {command}.\n{registry.Output}");
            await timer.WaitForNextTickAsync();
        }
    }

    public static int Count(string command) => CommandLines.Count(line => line.StartsWith(command + ' ', StringComparison.Ordinal));
}
