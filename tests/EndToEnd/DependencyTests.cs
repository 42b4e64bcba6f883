using System.Text;
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
        var before = await KeptAsync(registry.Engine);
        // A package that the base image has: its installation needs no network.
        var first = await PublishAsync("acme/installs", "1.0.0", "'one'");
        var next = await PublishAsync("acme/installs", "1.1.0", "'two'");
        var other = await PublishAsync("acme/installs-too", "1.0.0", "'three'");

        Assert.True(await InstalledAsync(first));
        Assert.False(await InstalledAsync(next));
        Assert.False(await InstalledAsync(other));
        var kept = Assert.Single((await KeptAsync(registry.Engine)).Except(before));
        var history = (await registry.Engine.DockerAsync("history", "--no-trunc", kept)).Succeeded();
        Assert.Contains("pip", history, StringComparison.Ordinal);
        Assert.DoesNotContain("/home/claimed", history, StringComparison.Ordinal);
        await NoBuiltImageStaysAsync();
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task What_one_build_installed_the_next_finds_at_the_engine(string name)
    {
        var engine = (await registry.OnAsync(name)).Engine;
        const string word = "as $((6 * 7))";
        for (var build = 0; build < 2; build++)
        {
            var log = await BuildAsync(engine, word, kept: 20);
            Assert.True(log.Contains("installs as 42", StringComparison.Ordinal) == (build == 0), log);
        }
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task The_engine_keeps_as_many_sets_as_it_is_told_and_as_long(string name)
    {
        var engine = (await registry.OnAsync(name)).Engine;
        foreach (var word in (string[])["one", "two", "three", "four"])
            await BuildAsync(engine, word, kept: 1);
        // One of the earlier ones, and the one of the last build.
        var after = await KeptAsync(engine, $"label={StepMark.Label}={_mark.Value}");
        Assert.Equal(2, after.Length);
        var histories = await Task.WhenAll(after.Select(async image => (await engine.DockerAsync("history", "--no-trunc", image)).Succeeded()));
        Assert.Contains(histories, text => text.Contains("installs four", StringComparison.Ordinal));

        await BuildAsync(engine, "five", kept: 20, daysLater: 8);
        Assert.Empty((await KeptAsync(engine, $"label={StepMark.Label}={_mark.Value}")).Intersect(after));
        await BuildAsync(engine, "six", kept: 0);
        Assert.Empty(await KeptAsync(engine, $"label={StepMark.Label}={_mark.Value}"));
    }

    /// <summary>What the engine is asked to do for a source that installs something; no registry has the image.</summary>
    /// <returns>Its log.</returns>
    private static async Task<string> BuildAsync(ITestEngine at, string word, int kept, int daysLater = 0)
    {
        var dependencies = $"FROM {BaseImages.Busybox}\nRUN [\"sh\",\"-c\",\"echo installs {word}\"]\n";
        var log = new StringBuilder();
        using var engine = new DockerImageBuilder(
            Options.Create(new BuildOptions { Endpoint = at.Endpoint, NetworkMode = "none", KeptDependencies = kept }),
            _mark, new ShiftedClock { Shift = TimeSpan.FromDays(daysLater) }, NullLogger<DockerImageBuilder>.Instance);
        var context = _mark.Put(new BuildContext("", [BuildContext.DockerfileOf(dependencies + "USER 1000:0\n")]));
        using var work = new Workspace();
        var job = new BuildJob("127.0.0.1:1/acme/installs:build-1-1", null, dependencies);
        await engine.CheckAsync(CancellationToken.None);
        await engine.BuildAsync(job, token => context.OpenAsync(work.Folder, token), text => log.Append(text), CancellationToken.None);
        await engine.RemoveAsync(job, CancellationToken.None);
        return log.ToString();
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

    private static async Task<string[]> KeptAsync(ITestEngine engine, params string[] filters) => (await engine.DockerAsync(
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
