using Xunit;

namespace Claimed.EndToEnd;

/// <summary>Which network a step of a build has.</summary>
[Trait("Database", "any")]
public sealed class NetworkTests(RegistryWithEngine registry)
{
    // What ends there is what the step sees, and the name of its namespace.
    private const string Look = "RUN echo namespace $(readlink /proc/self/ns/net) sees $(cut -s -d: -f1 /proc/net/dev) and routes $(tail -n +2 /proc/net/route | wc -l)";

    private static readonly string _machines = new FileInfo("/proc/self/ns/net").LinkTarget!;

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task With_none_a_step_sees_nothing_but_itself(string engine)
    {
        var seen = await SeenAsync(engine, "none");

        Assert.Contains(" sees lo and routes 0\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(_machines, seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task With_host_a_step_has_the_network_of_the_machine(string engine) =>
        Assert.Contains($"namespace {_machines} sees ", await SeenAsync(engine, "host"), StringComparison.Ordinal);

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task By_default_a_step_has_a_network_of_its_own(string engine) =>
        Assert.DoesNotContain(_machines, await SeenAsync(engine, ""), StringComparison.Ordinal);

    private async Task<string> SeenAsync(string engine, string mode)
    {
        var site = await registry.OnAsync(engine);
        await using var host = await site.StartAsync(("Builds:NetworkMode", mode), ("Builds:AllowHostNetwork", "true"));
        // The same step is in the engine's cache by the second mode.
        var version = await host.PublishStepsAsync("networks/looks", $"ENV MODE={mode}.\n{Look}");
        version.AssertReady();
        var log = await host.LogOfAsync(version);
        Assert.Contains("namespace net:[", log, StringComparison.Ordinal);
        return log;
    }
}
