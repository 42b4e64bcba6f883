using System.Text.Json.Nodes;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Images;
using Claimed.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>What a source installs is installed once, and nothing of a source stays at the engine.</summary>
[Trait("Database", "any")]
public sealed class DependencyTests(RegistryWithEngine registry)
{
    // Of a registry of its own: what others keep on this engine is theirs.
    private static readonly StepMark _mark = new(Options.Create(new ImageOptions { PublicHost = "sets.example.org" }));

    [Fact]
    public async Task The_next_version_and_another_component_find_their_dependencies_installed()
    {
        var before = await KeptAsync();
        // A package that the base image has: its installation needs no network.
        var first = await PublishAsync("acme/installs", "1.0.0", "'one'");
        var next = await PublishAsync("acme/installs", "1.1.0", "'two'");
        var other = await PublishAsync("acme/installs-too", "1.0.0", "'three'");

        Assert.True(await InstalledAsync(first));
        Assert.False(await InstalledAsync(next));
        Assert.False(await InstalledAsync(other));
        var kept = Assert.Single((await KeptAsync()).Except(before));
        var history = (await registry.Engine.DockerAsync("history", "--no-trunc", kept)).Succeeded();
        Assert.Contains("pip", history, StringComparison.Ordinal);
        Assert.DoesNotContain("/home/claimed", history, StringComparison.Ordinal);
        await NoBuiltImageStaysAsync();
    }

    [Fact]
    public async Task The_engine_keeps_as_many_sets_as_it_is_told_and_as_long()
    {
        foreach (var word in (string[])["one", "two", "three", "four"])
            await BuildAsync(word, kept: 1);
        // One of the earlier ones, and the one of the last build.
        var after = await KeptAsync($"label={StepMark.Label}={_mark.Value}");
        Assert.Equal(2, after.Length);
        var histories = await Task.WhenAll(after.Select(async image => (await registry.Engine.DockerAsync("history", "--no-trunc", image)).Succeeded()));
        Assert.Contains(histories, text => text.Contains("true four", StringComparison.Ordinal));

        await BuildAsync("five", kept: 20, daysLater: 8);
        Assert.Empty((await KeptAsync($"label={StepMark.Label}={_mark.Value}")).Intersect(after));
        await BuildAsync("six", kept: 0);
        Assert.Empty(await KeptAsync($"label={StepMark.Label}={_mark.Value}"));
    }

    /// <summary>What the engine is asked to do for a source that installs something; no registry has the image.</summary>
    private async Task BuildAsync(string word, int kept, int daysLater = 0)
    {
        var dependencies = $"FROM {BaseImages.Busybox}\nRUN [\"sh\",\"-c\",\"true {word}\"]\n";
        using var engine = new DockerImageBuilder(
            Options.Create(new BuildOptions { Endpoint = registry.Engine.Endpoint, NetworkMode = "none", KeptDependencies = kept }),
            _mark, new ShiftedClock { Shift = TimeSpan.FromDays(daysLater) }, NullLogger<DockerImageBuilder>.Instance);
        var context = new BuildContext("", [BuildContext.DockerfileOf(dependencies + "USER 1000:0\n")]);
        using var work = new Workspace();
        var job = new BuildJob($"127.0.0.1:1/acme/{word}:build-1-1", null, dependencies);
        await engine.BuildAsync(job, token => context.OpenAsync(work.Folder, token), _ => { }, CancellationToken.None);
        await engine.RemoveAsync(job, CancellationToken.None);
    }

    private async Task<JsonNode> PublishAsync(string component, string version, string value)
    {
        var document = await registry.Host.PublishAsync(component, version, "tool.py", $"'A tool.'\n# pip install pip>=0.1\nprint({value})\n");
        document.AssertReady();
        return document;
    }

    /// <summary>Whether the package manager itself ran.</summary>
    private async Task<bool> InstalledAsync(JsonNode version)
    {
        var log = await registry.Host.Anonymous.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}/log");
        return log.Contains("already satisfied", StringComparison.Ordinal);
    }

    private async Task<string[]> KeptAsync(params string[] filters) => (await registry.Engine.DockerAsync(
        ["images", "--quiet", "--no-trunc", "--filter", "label=claimed.registry.dependencies", .. filters.SelectMany(filter => (string[])["--filter", filter])]))
        .Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A version is ready a moment before its builder has tidied up. What clients have pulled has other tags.</summary>
    private async Task NoBuiltImageStaysAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await registry.Engine.DockerAsync("images", "--format", "{{.Tag}}")).Succeeded().Contains("build-", StringComparison.Ordinal))
            limit.Token.ThrowIfCancellationRequested();
    }
}
