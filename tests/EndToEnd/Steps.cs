using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Claimed.TestKit;

namespace Claimed.EndToEnd;

/// <summary>Components that are a Dockerfile with some steps, and what runs of them on this machine.</summary>
internal static class Steps
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>A version document after its build has ended.</summary>
    public static Task<JsonNode> PublishStepsAsync(this RegistryHost host, string component, string steps, string version = "1.0.0") => host.PublishAsync(component, version, Files(steps));

    /// <summary>Publishes and returns the id of the build once <paramref name="command"/> runs on this machine.</summary>
    public static async Task<long> PublishUntilItRunsAsync(this RegistryHost host, string component, string steps, string command)
    {
        var answer = await host.PublishAsync(component.Split('/')[0], component.Split('/')[1], "1.0.0", [.. Files(steps).Select(file => (file.Path, Encoding.UTF8.GetString(file.Content)))]);
        await UntilAsync(() => Run(command));
        return long.Parse(answer["build.id"]!);
    }

    /// <summary>A command that no other test has, and that does nothing for long.</summary>
    public static string LongSleep() => $"sleep {RandomNumberGenerator.GetInt32(100_000, 1_000_000)}";

    /// <summary>Whether a process has this command line.</summary>
    public static bool Run(string command) => Count(line => line == command) > 0;

    public static int Count(Func<string, bool> isMeant) => CommandLines.Count(isMeant);

    /// <summary>How long it took until the condition held.</summary>
    public static async Task<TimeSpan> UntilAsync(Func<bool> holds)
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
                throw new TimeoutException("What was waited for did not come.");
            await timer.WaitForNextTickAsync();
        }
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>The build document once the build has ended.</summary>
    public static async Task<JsonNode> EndedAsync(this RegistryHost host, long build)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var document = (await host.Anonymous.GetFromJsonAsync<JsonNode>($"api/v1/builds/{build}"))!;
            if (document["endedAt"] is not null)
                return document;
            if (Stopwatch.GetElapsedTime(began) > Limit)
                throw new TimeoutException(document.ToJsonString());
            await host.Anonymous.GetStringAsync("api/v1/events?after=999999999&wait=1");
        }
    }

    public static Task<string> LogOfAsync(this RegistryHost host, JsonNode version) => host.Anonymous.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}/log");

    private static (string Path, byte[] Content)[] Files(string steps) =>
        [("component.yaml", Encoding.UTF8.GetBytes(Samples.Step)), ("Dockerfile", Encoding.UTF8.GetBytes($"FROM {BaseImages.Busybox}\n{steps}\n"))];
}
