using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>A network with package servers of its own, and a registry in it. One for all tests: each new registry gets the large base image anew.</summary>
public sealed class ClosedNetwork(RegistryWithEngine registry) : IAsyncLifetime
{
    private readonly Workspace _wheels = new();

    public PrivateIndex Index { get; private set; } = null!;

    public RegistryHost Host { get; private set; } = null!;

    /// <summary><c>localhost:port</c>, as it stands in image references.</summary>
    public string Images { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Index = await PrivateIndex.StartAsync();
        Index.AddWheel("closed_tool", "1.0", "from the index");
        Index.AddWheel("both_tool", "1.0", "from the index");
        Index.AddMirrored("apt/debian/word", "from the mirror of Debian");
        Index.AddMirrored("cran/src/word", "from the mirror of CRAN");
        await File.WriteAllBytesAsync(_wheels["house_tool-2.0-py3-none-any.whl"], PrivateIndex.Wheel("house_tool", "2.0", "from the house"));
        await File.WriteAllBytesAsync(_wheels["both_tool-1.0-py3-none-any.whl"], PrivateIndex.Wheel("both_tool", "1.0", "from the house"));
        (Host, Images) = await registry.StartAsync(new Dictionary<string, string>(Index.Settings) { ["Builds:Wheelhouse"] = _wheels.Folder });
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Index.DisposeAsync();
        _wheels.Dispose();
    }
}

/// <summary>In a network of its own, with an index behind a password and a certificate of its own, builds get their packages, and nothing of the site gets into them.</summary>
[Trait("Database", "any")]
public sealed partial class ClosedNetworkTests(RegistryWithEngine registry, ClosedNetwork network) : IClassFixture<ClosedNetwork>
{
    private const string Component = "name: Say\ndescription: Says hello.\nimplementation:\n  container:\n    image: ''\n    command: [python3, -m, closed_tool]\n";

    [Fact]
    public async Task A_source_installs_from_the_private_index_and_neither_image_history_nor_log_tells_of_the_site()
    {
        network.Index.Asked.Clear();
        var version = await network.Host.PublishAsync("acme/closed", "1.0.0", "closed.py", "'Uses a tool.'\n# pip install closed-tool>=1.0 house-tool both-tool\nimport closed_tool, house_tool, both_tool\n");
        version.AssertReady();
        Assert.Equal(["from the index", "from the house", "from the house"], (await RunAsync("acme/closed:1.0.0")).Split('\n')[..3]);
        Assert.Contains("GET /team/files/closed_tool-1.0-py3-none-any.whl", network.Index.Asked);
        await TellsNothingAsync($"{network.Images}/acme/closed:1.0.0", await LogAsync(version));
        // Kept by the engine for the next build.
        foreach (var kept in (await registry.Engine.DockerAsync("images", "--quiet", "--no-trunc", "--filter", "label=claimed.registry.dependencies")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            TellsNothing((await registry.Engine.DockerAsync("history", "--no-trunc", kept)).Succeeded(), kept);
    }

    [Fact]
    public async Task An_uploaded_Dockerfile_does_so_in_every_stage_though_it_declares_the_proxy_and_shows_all_that_it_has()
    {
        var version = await network.Host.PublishBundleAsync("acme/own", "1.0.0", Archives.TarGz(("component.yaml", Component), ("Dockerfile", $"""
            FROM {BaseImages.Python} AS make
            ARG http_proxy
            ARG HTTP_PROXY=none
            RUN env && pip config list && pip install -v --target /made closed-tool
            FROM {BaseImages.Python}
            ARG http_proxy
            RUN pip install house_tool && python -c "import house_tool"
            RUN python -c "import requests; print(requests.get('http://deb.debian.org/debian/word').text); print(requests.get('http://cloud.r-project.org/src/word').text)"
            COPY --from=make /made /usr/lib/python3/dist-packages

            """)));
        version.AssertReady();
        Assert.Equal("from the index", (await RunAsync("acme/own:1.0.0", "python3", "-m", "closed_tool")).Trim());
        var log = await LogAsync(version);
        Assert.Contains("from the mirror of Debian", log, StringComparison.Ordinal);
        Assert.Contains("from the mirror of CRAN", log, StringComparison.Ordinal);
        await TellsNothingAsync($"{network.Images}/acme/own:1.0.0", await LogAsync(version));
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task On_each_engine_a_step_reaches_the_index_and_nothing_of_the_site_stays(string name)
    {
        var site = await registry.OnAsync(name);
        await using var host = await site.StartAsync([.. network.Index.Settings.Select(setting => (setting.Key, setting.Value))]);
        network.Index.Asked.Clear();
        var version = await host.PublishStepsAsync("acme/reaches", "ARG http_proxy\nRUN env && wget -O - \"${PIP_INDEX_URL}closed-tool/\"");
        version.AssertReady();
        Assert.Contains("GET /team/pages/closed-tool/detour/", network.Index.Asked);
        var log = await host.LogOfAsync(version);
        Assert.Contains("closed_tool-1.0-py3-none-any.whl", log, StringComparison.Ordinal);
        var images = $"localhost:{host.Address.Port}";
        (await registry.Engine.DockerAsync("pull", "--quiet", $"{images}/acme/reaches:1.0.0")).Succeeded();
        await TellsNothingAsync($"{images}/acme/reaches:1.0.0", log);
    }

    [Fact]
    public async Task A_requirement_that_cannot_be_installed_fails_the_build()
    {
        var version = await network.Host.PublishAsync("acme/lacks", "1.0.0", "lacks.py", "'Lacks.'\n# pip install there-is-no-such-tool\nprint(1)\n");
        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("there-is-no-such-tool", await LogAsync(version), StringComparison.Ordinal);
        TellsNothing(await LogAsync(version), "log");
        var right = await File.ReadAllTextAsync(network.Index.CredentialsFile);
        await File.WriteAllTextAsync(network.Index.CredentialsFile, "reader:wrong-password\n");
        var refused = await network.Host.PublishAsync("acme/refused", "1.0.0", "refused.py", "'Refused.'\n# pip install closed-tool==1.0\nprint(2)\n");
        await File.WriteAllTextAsync(network.Index.CredentialsFile, right);
        Assert.Equal("failed", (string?)refused["state"]);
        Assert.DoesNotContain("wrong-password", await LogAsync(refused), StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(string image, params string[] command)
    {
        (await registry.Engine.DockerAsync("pull", "--quiet", $"{network.Images}/{image}")).Succeeded();
        return (await registry.Engine.DockerAsync(["run", "--rm", "--network", "none", .. command.Length == 0 ? (string[])[$"{network.Images}/{image}"] : ["--entrypoint", command[0], $"{network.Images}/{image}", .. command[1..]]])).Succeeded();
    }

    private Task<string> LogAsync(JsonNode version) => network.Host.Admin.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}/log");

    /// <summary>Looks through everything that a client gets.</summary>
    private async Task TellsNothingAsync(string image, string log)
    {
        TellsNothing(log, "log");
        TellsNothing((await registry.Engine.DockerAsync("history", "--no-trunc", image)).Succeeded(), "history");
        TellsNothing((await registry.Engine.DockerAsync("inspect", image)).Succeeded(), "configuration");
        // The engine packs nothing that it saves: 0 says that it came whole, 1 that nothing was found.
        var found = await Shell.RunAsync("bash", ["-c", "docker -H \"$0\" save \"$1\" | grep -aoF \"${@:2}\"; echo \"${PIPESTATUS[*]}\"",
            registry.Engine.Endpoint, image, .. network.Index.Secrets.SelectMany(secret => new[] { "-e", secret })]);
        Assert.True(found.Out.Trim() == "0 1", found.Out + found.Err);
    }

    private void TellsNothing(string text, string what)
    {
        foreach (var secret in network.Index.Secrets)
            Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{secret} is in the {what}:\n{text}");
        Assert.False(Ticket.IsMatch(text), $"A ticket is in the {what}:\n{text}");
    }

    [GeneratedRegex("build:[0-9a-f]{32}")]
    private static partial Regex Ticket { get; }
}
