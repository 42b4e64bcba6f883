using Xunit;

namespace Claimed.EndToEnd;

/// <summary>What a build may use of the engine's machine.</summary>
[Trait("Database", "any")]
public sealed class LimitTests(RegistryWithEngine registry)
{
    private const int Pids = 64;

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_step_that_needs_more_memory_than_it_may_is_ended_and_told_so(string name)
    {
        var site = await registry.OnAsync(name);
        await using var host = await site.StartAsync(("Builds:Memory", "67108864"));

        var version = await host.PublishStepsAsync("limits/memory", "RUN echo begins; exec tail /dev/zero");

        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("more memory than the 64 MiB", (string?)version["reason"], StringComparison.Ordinal);
        Assert.Contains("tail /dev/zero", (string?)version["reason"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_fork_bomb_ends_at_its_limit_and_the_machine_goes_on(string name)
    {
        var site = await registry.OnAsync(name);
        await using var host = await site.StartAsync(("Builds:Pids", $"{Pids}"));
        // Each copy makes two more until it cannot; what is left of them ends with the step.
        const string bomb = "RUN echo bomb-of-a-test; bomb() { bomb | bomb & }; bomb; sleep 3; exit 4";
        var publishing = host.PublishStepsAsync("limits/bomb", bomb);
        var most = 0;
        await Steps.UntilAsync(() =>
        {
            most = Math.Max(most, Steps.Count(line => line.Contains("bomb-of-a-test", StringComparison.Ordinal)));
            return publishing.IsCompleted;
        });
        var version = await publishing;

        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("ork", await host.LogOfAsync(version), StringComparison.Ordinal);
        // At Docker the limit comes a moment after the step has begun, and stops what has grown until then.
        Assert.InRange(most, 4, 1000);
        await Steps.UntilAsync(() => Steps.Count(line => line.Contains("bomb-of-a-test", StringComparison.Ordinal)) == 0);
        (await host.PublishStepsAsync("limits/after", "RUN true")).AssertReady();
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_step_has_as_much_of_the_processors_as_it_may(string name)
    {
        var site = await registry.OnAsync(name);
        await using var host = await site.StartAsync(("Builds:Cpus", "0.5"));
        // Two seconds of two busy loops: four seconds of processor without the limit, one with it, and less on a busy machine.
        var version = await host.PublishStepsAsync("limits/cpus", "RUN for each in 1 2; do timeout 2 sh -c 'while :; do :; done' & done; wait; times >/times; echo used $(tail -n 1 /times)");
        version.AssertReady();
        var used = System.Text.RegularExpressions.Regex.Match(await host.LogOfAsync(version), @"used 0m([0-9.]+)s 0m([0-9.]+)s");
        Assert.True(used.Success);
        Assert.InRange(double.Parse(used.Groups[1].Value) + double.Parse(used.Groups[2].Value), 0.05, 1.5);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task An_image_that_is_too_large_is_not_delivered_and_its_largest_steps_are_named(string name)
    {
        var site = await registry.OnAsync(name);
        await using var host = await site.StartAsync(("Builds:MaxImageBytes", $"{20 << 20}"));

        (await host.PublishStepsAsync("limits/fits", "RUN head -c 1000000 /dev/urandom >/small")).AssertReady();
        var version = await host.PublishStepsAsync("limits/large", "RUN head -c 1000000 /dev/urandom >/small\nRUN head -c 30000000 /dev/urandom >/large");

        Assert.Equal("failed", (string?)version["state"]);
        var reason = (string)version["reason"]!;
        Assert.Contains("20 MiB are allowed (Builds__MaxImageBytes)", reason, StringComparison.Ordinal);
        Assert.Contains("28.6 MiB by RUN head -c 30000000", reason, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await host.Admin.GetAsync("/v2/limits/large/tags/list")).StatusCode);
    }

    [Fact]
    public async Task Files_that_are_too_many_or_too_large_never_reach_the_engine()
    {
        var site = await registry.OnAsync("docker");
        await using var host = await site.StartAsync(("Builds:MaxContextEntries", "2"), ("Builds:MaxContextBytes", "4096"));

        var many = await host.PublishAsync("limits/many", "1.0.0", [("component.yaml", Yaml), ("Dockerfile", "FROM scratch\n"u8.ToArray()), ("one", [1])]);
        var large = await host.PublishAsync("limits/heavy", "1.0.0", [("component.yaml", Yaml), ("Dockerfile", [.. "FROM scratch\n#"u8, .. Enumerable.Repeat((byte)'x', 5000)])]);

        Assert.Contains("3 files, and 2 are allowed (Builds__MaxContextEntries)", (string?)many["reason"], StringComparison.Ordinal);
        Assert.Contains("4096 are allowed (Builds__MaxContextBytes)", (string?)large["reason"], StringComparison.Ordinal);
    }

    private static byte[] Yaml => "name: Step\nimplementation:\n  container:\n    image: ''\n    command: [sh]\n"u8.ToArray();
}
