using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>What a source installs is installed once, and nothing of a source stays at the engine.</summary>
[Trait("Database", "any")]
public sealed class DependencyTests(RegistryWithEngine registry)
{
    [Fact]
    public async Task The_next_version_and_another_component_find_their_dependencies_installed()
    {
        // A package that the base image has: its installation needs no network.
        var first = await PublishAsync(registry.Host, "acme/installs", "1.0.0", "dash", "'one'");
        var next = await PublishAsync(registry.Host, "acme/installs", "1.1.0", "dash", "'two'");
        var other = await PublishAsync(registry.Host, "acme/installs-too", "1.0.0", "dash", "'three'");

        Assert.True(await InstalledAsync(registry.Host, first));
        Assert.False(await InstalledAsync(registry.Host, next));
        Assert.False(await InstalledAsync(registry.Host, other));
        var kept = await KeptAsync();
        Assert.Single(kept);
        var history = (await registry.Engine.DockerAsync("history", "--no-trunc", kept[0])).Succeeded();
        Assert.DoesNotContain("/home/claimed", history, StringComparison.Ordinal);
        await NoBuiltImageStaysAsync();
    }

    [Fact]
    public async Task The_engine_keeps_as_many_sets_as_it_is_told_the_newest_ones()
    {
        var (host, _) = await registry.StartAsync(new Dictionary<string, string> { ["Builds:KeptDependencies"] = "1" });
        await using var disposed = host;
        await PublishAsync(host, "acme/hostname", "1.0.0", "hostname", "'one'");
        var before = await KeptAsync();

        await PublishAsync(host, "acme/sed", "1.0.0", "sed", "'two'");
        await PublishAsync(host, "acme/grep", "1.0.0", "grep", "'three'");

        // The newest of the earlier ones, and the one of this build.
        var after = await KeptAsync();
        Assert.Equal(2, after.Length);
        Assert.Empty(after.Intersect(before));
    }

    [Fact]
    public async Task With_none_to_keep_everything_is_installed_each_time_and_what_was_kept_goes()
    {
        var (host, _) = await registry.StartAsync(new Dictionary<string, string> { ["Builds:KeptDependencies"] = "0" });
        await using var disposed = host;
        await PublishAsync(registry.Host, "acme/keeps", "1.0.0", "dash", "'kept'");
        Assert.NotEmpty(await KeptAsync());

        var first = await PublishAsync(host, "acme/keeps-none", "1.0.0", "dash", "'one'");
        var next = await PublishAsync(host, "acme/keeps-none", "1.1.0", "dash", "'two'");

        Assert.Empty(await KeptAsync());
        Assert.True(await InstalledAsync(host, first));
        Assert.True(await InstalledAsync(host, next));
    }

    private static async Task<JsonNode> PublishAsync(RegistryHost host, string component, string version, string package, string value)
    {
        var document = await host.PublishAsync(component, version, "tool.py", $"'A tool.'\n# apt install {package}\nprint({value})\n");
        document.AssertReady();
        return document;
    }

    /// <summary>Whether the package manager itself ran.</summary>
    private static async Task<bool> InstalledAsync(RegistryHost host, JsonNode version)
    {
        var log = await host.Anonymous.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}/log");
        return log.Contains("Reading package lists", StringComparison.Ordinal);
    }

    private async Task<string[]> KeptAsync() => (await registry.Engine.DockerAsync("images", "--quiet", "--no-trunc", "--filter", "label=claimed.registry.dependencies"))
        .Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A version is ready a moment before its builder has tidied up.</summary>
    private async Task NoBuiltImageStaysAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await registry.Engine.DockerAsync("images", "--quiet", "--filter", "label=claimed.registry.build")).Succeeded().Length > 0)
            limit.Token.ThrowIfCancellationRequested();
    }
}
