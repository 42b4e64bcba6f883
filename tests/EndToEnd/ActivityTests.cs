using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>A transfer that takes longer than a build may be silent: as long as it moves it is no silence.</summary>
[Trait("Database", "any")]
public sealed class ActivityTests(RegistryWithEngine registry)
{
    private const int Bytes = 24 << 20;

    // Six seconds. Of less than that the engine's system would take most at once, and the engine would have nothing to tell.
    private const int Rate = Bytes / 6;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_pull_and_a_push_that_move_may_take_longer_than_a_silence(string name)
    {
        var site = await registry.OnAsync(name);
        await using var pulls = TcpProxy.To(registry.Host.Address.Port);
        pulls.DownloadRate = Rate;
        var port = FreePorts.Next();
        await using var pushes = TcpProxy.To(port);
        pushes.UploadRate = Rate;
        await using var host = await StartAsync(site, port, pushes, "00:02:00");

        var version = await PublishAsync(host, $"activity/moves-{name}", await BaseAsync(pulls, $"activity/base-{name}"));

        Assert.True((string?)version["state"] == "ready", $"{version["reason"]}\n{await host.LogOfAsync(version)}");
        var build = await host.EndedAsync((long)version["build"]!["id"]!);
        Assert.Equal(1, (int)build["attempt"]!);
        var took = DateTimeOffset.Parse((string)build["endedAt"]!) - DateTimeOffset.Parse((string)build["startedAt"]!);
        Assert.True(took > TimeSpan.FromSeconds(11), $"It took {took} alone.");
    }

    [Theory]
    [InlineData("docker", "silent for 4 seconds")]
    // Podman tells nothing of either, moving or not.
    [InlineData("podman", "longer than 12 seconds")]
    public async Task A_pull_and_a_push_that_stand_still_end_their_builds(string name, string reason)
    {
        var site = await registry.OnAsync(name);
        await using var pulls = TcpProxy.To(registry.Host.Address.Port);
        var port = FreePorts.Next();
        await using var pushes = TcpProxy.To(port);
        await using var host = await StartAsync(site, port, pushes);
        var reference = await BaseAsync(pulls, $"activity/stalled-{name}");

        var pulled = pulls.UntilSentAsync("/blobs/sha256:", Limit);
        var pushed = pushes.UntilSentAsync("/blobs/uploads/", Limit);
        Task<JsonNode>[] ends = [PublishAsync(host, $"activity/stands-{name}", reference), PublishAsync(host, $"activity/hangs-{name}", BaseImages.Busybox)];
        await pulled;
        pulls.Switch(ProxyMode.Stall);
        await pushed;
        pushes.Switch(ProxyMode.Stall);

        foreach (var version in await Task.WhenAll(ends))
        {
            Assert.Equal("failed", (string?)version["state"]);
            Assert.Contains(reason, (string?)version["reason"], StringComparison.Ordinal);
        }
    }

    private static async Task<RegistryHost> StartAsync(EngineSite site, int port, TcpProxy pushes, string limit = "00:00:12") => (await EngineSite.StartHostAsync(site.Engine, new Dictionary<string, string>
    {
        ["Builds:IdleTimeout"] = "00:00:04",
        ["Builds:Timeout"] = limit,
        ["Builds:PushHost"] = $"127.0.0.1:{pushes.Port}",
        ["Builds:Concurrency"] = "2",
    }, port)).Host;

    /// <summary>An image that no engine holds, as it is named through the line.</summary>
    private async Task<string> BaseAsync(TcpProxy line, string repository)
    {
        var name = $"{registry.ImageHost}/{repository}:1";
        await registry.Engine.ImportAsync(name, Bytes);
        (await registry.Engine.DockerAsync("push", name)).Succeeded();
        (await registry.Engine.DockerAsync("rmi", name)).Succeeded();
        return $"127.0.0.1:{line.Port}/{repository}:1";
    }

    private static Task<JsonNode> PublishAsync(RegistryHost host, string component, string reference) => host.PublishBundleAsync(component, "1.0.0", Archives.TarGz(
        ("component.yaml", Samples.Step), ("Dockerfile", $"FROM {reference}\nENV WORD={RandomNumberGenerator.GetHexString(8)}\n")));
}
