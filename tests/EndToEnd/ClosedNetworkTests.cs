using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>In a network of its own, with an index behind a password and a certificate of its own, builds get their packages, and nothing of the site gets into them.</summary>
[Trait("Database", "any")]
public sealed partial class ClosedNetworkTests(RegistryWithEngine registry) : IAsyncLifetime
{
    private const string Component = "name: Say\ndescription: Says hello.\nimplementation:\n  container:\n    image: ''\n    command: [python3, -m, closed_tool]\n";

    private readonly Workspace _wheels = new();
    private PrivateIndex _index = null!;
    private RegistryHost _host = null!;
    private string _images = "";

    public async ValueTask InitializeAsync()
    {
        _index = await PrivateIndex.StartAsync();
        _index.AddWheel("closed_tool", "1.0", "from the index");
        _index.AddWheel("both_tool", "1.0", "from the index");
        _index.AddMirrored("apt/debian/word", "from the mirror of Debian");
        _index.AddMirrored("cran/src/word", "from the mirror of CRAN");
        await File.WriteAllBytesAsync(_wheels["house_tool-2.0-py3-none-any.whl"], PrivateIndex.Wheel("house_tool", "2.0", "from the house"));
        await File.WriteAllBytesAsync(_wheels["both_tool-1.0-py3-none-any.whl"], PrivateIndex.Wheel("both_tool", "1.0", "from the house"));
        (_host, _images) = await registry.StartAsync(new Dictionary<string, string>(_index.Settings) { ["Builds:Wheelhouse"] = _wheels.Folder });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _index.DisposeAsync();
        _wheels.Dispose();
    }

    [Fact]
    public async Task A_source_installs_from_the_private_index_and_neither_image_history_nor_log_tells_of_the_site()
    {
        var version = await _host.PublishAsync("acme/closed", "1.0.0", "closed.py", "'Uses a tool.'\n# pip install closed-tool>=1.0 house-tool both-tool\nimport closed_tool, house_tool, both_tool\n");
        version.AssertReady();
        Assert.Equal(["from the index", "from the house", "from the house"], (await RunAsync("acme/closed:1.0.0")).Split('\n')[..3]);
        Assert.Contains("GET /team/files/closed_tool-1.0-py3-none-any.whl", _index.Asked);
        await TellsNothingAsync("acme/closed:1.0.0", version);
        // Kept by the engine for the next build.
        foreach (var kept in (await registry.Engine.DockerAsync("images", "--quiet", "--no-trunc", "--filter", "label=claimed.registry.dependencies")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            TellsNothing((await registry.Engine.DockerAsync("history", "--no-trunc", kept)).Succeeded(), kept);
    }

    [Fact]
    public async Task An_uploaded_Dockerfile_does_so_in_every_stage_though_it_declares_the_proxy_and_shows_all_that_it_has()
    {
        var version = await _host.PublishBundleAsync("acme/own", "1.0.0", Archives.TarGz(("component.yaml", Component), ("Dockerfile", $"""
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
        await TellsNothingAsync("acme/own:1.0.0", version);
    }

    [Fact]
    public async Task A_requirement_that_cannot_be_installed_fails_the_build()
    {
        var version = await _host.PublishAsync("acme/lacks", "1.0.0", "lacks.py", "'Lacks.'\n# pip install there-is-no-such-tool\nprint(1)\n");
        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("there-is-no-such-tool", await LogAsync(version), StringComparison.Ordinal);
        TellsNothing(await LogAsync(version), "log");
        await File.WriteAllTextAsync(_index.CredentialsFile, "reader:wrong-password\n");
        var refused = await _host.PublishAsync("acme/refused", "1.0.0", "refused.py", "'Refused.'\n# pip install closed-tool==1.0\nprint(2)\n");
        Assert.Equal("failed", (string?)refused["state"]);
        Assert.DoesNotContain("wrong-password", await LogAsync(refused), StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(string image, params string[] command)
    {
        (await registry.Engine.DockerAsync("pull", "--quiet", $"{_images}/{image}")).Succeeded();
        return (await registry.Engine.DockerAsync(["run", "--rm", "--network", "none", .. command.Length == 0 ? (string[])[$"{_images}/{image}"] : ["--entrypoint", command[0], $"{_images}/{image}", .. command[1..]]])).Succeeded();
    }

    private Task<string> LogAsync(JsonNode version) => _host.Admin.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}/log");

    /// <summary>Looks through everything that a client gets.</summary>
    private async Task TellsNothingAsync(string image, JsonNode version)
    {
        TellsNothing(await LogAsync(version), "log");
        TellsNothing((await registry.Engine.DockerAsync("history", "--no-trunc", $"{_images}/{image}")).Succeeded(), "history");
        TellsNothing((await registry.Engine.DockerAsync("inspect", $"{_images}/{image}")).Succeeded(), "configuration");
        using var work = new Workspace();
        (await registry.Engine.DockerAsync("save", "--output", work["image.tar"], $"{_images}/{image}")).Succeeded();
        Directory.CreateDirectory(work["image"]);
        (await Shell.RunAsync("tar", ["-C", work["image"], "-xf", work["image.tar"]])).Succeeded();
        var found = await Shell.RunAsync("grep", ["-raoF", .. _index.Secrets.SelectMany(secret => new[] { "-e", secret }), work["image"]]);
        Assert.True(found.ExitCode == 1, found.Out + found.Err);
    }

    private void TellsNothing(string text, string what)
    {
        foreach (var secret in _index.Secrets)
            Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{secret} is in the {what}:\n{text}");
        Assert.False(Ticket.IsMatch(text), $"A ticket is in the {what}:\n{text}");
    }

    [GeneratedRegex("build:[0-9a-f]{32}")]
    private static partial Regex Ticket { get; }
}
