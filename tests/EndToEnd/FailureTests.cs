using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>A build that fails says what asked for the step and what helps, and what was built can be built by hand.</summary>
[Trait("Database", "any")]
public sealed class FailureTests(RegistryWithEngine registry)
{
    [Fact]
    public async Task A_package_that_no_index_has_names_the_line_of_the_script()
    {
        using var index = new EmptyIndex();
        var (host, _) = await registry.StartAsync(new Dictionary<string, string> { ["Builds:NetworkMode"] = "host", ["Builds:AllowHostNetwork"] = "true" });
        await using var disposed = host;
        var version = await host.PublishAsync("failures/script", "1.0.0", "tool.py", $"'A tool.'\n# pip install pip>=0.1\n\n# pip install --index-url={index.Url} nosuchpackage==1.0 other\nprint(1)\n");
        var failure = Failure(version);
        Assert.Equal(("unknown-package", "tool.py", 4, 1), ((string?)failure["cause"], (string?)failure["file"], (int?)failure["line"], (int?)failure["exitCode"]));
        Assert.Contains("nosuchpackage", (string?)failure["tail"], StringComparison.Ordinal);
        Assert.Contains("pip found no package nosuchpackage==1.0 (tool.py, line 4)", (string?)version["reason"], StringComparison.Ordinal);

        var page = await host.Anonymous.GetStringAsync("components/failures/script");
        Assert.Contains("Asked for by <bdi>tool.py, line 4</bdi>", page, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/v1/builds/{version["build"]!["id"]}/log") { Headers = { { "Accept", "text/event-stream" } } };
        using var answer = await host.Anonymous.SendAsync(request);
        var stream = await answer.Content.ReadAsStringAsync();
        var told = stream.Split('\n').SkipWhile(line => line != "event: failure").First(line => line.StartsWith("data: ", StringComparison.Ordinal));
        Assert.Equal("tool.py", (string?)JsonNode.Parse(told["data: ".Length..])!["file"]);
        Assert.Contains("event: end\ndata: failed", stream, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_notebook_it_names_the_cell()
    {
        const string notebook = """
            {"cells": [
              {"cell_type": "markdown", "metadata": {}, "source": ["# Count\n", "Counts."]},
              {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["import os\n", "!pip install nosuchpackage\n"]}
             ], "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"} }, "nbformat": 4, "nbformat_minor": 5}
            """;
        var failure = Failure(await registry.Host.PublishAsync("failures/notebook", "1.0.0", "count.ipynb", notebook));
        Assert.Equal(("no-network", "count.ipynb", 2, 2), ((string?)failure["cause"], (string?)failure["file"], (int?)failure["cell"], (int?)failure["cellLine"]));
    }

    [Fact]
    public async Task A_module_that_the_base_image_does_not_have_after_all_fails_the_build()
    {
        var (host, _) = await registry.StartAsync(new Dictionary<string, string> { ["Builds:Requirements:nosuchmodule"] = "provided" });
        await using var disposed = host;
        var version = await host.PublishAsync("failures/promised", "1.0.0", "tool.py", "'A tool.'\n# pip install nosuchmodule==1.0\n# claimed: imports=json\n# claimed: imports=nosuchmodule\nprint(1)\n");
        Assert.Equal(("import-failed", "tool.py", 4, 1), ((string?)Failure(version)["cause"], (string?)Failure(version)["file"], (int?)Failure(version)["line"], (int?)Failure(version)["exitCode"]));
        Assert.Contains("The module nosuchmodule cannot be imported: the declared package is not there (tool.py, line 4)", (string?)version["reason"], StringComparison.Ordinal);

        version = await host.PublishAsync("failures/kept", "1.0.0", [("tool.py", Encoding.UTF8.GetBytes("'A tool.'\n# claimed: imports=json beside\nimport beside\nprint(1)\n")),
            ("beside.py", Encoding.UTF8.GetBytes("import os, pathlib\nprint('imported by', os.getuid())\nassert pathlib.Path.home() == pathlib.Path('/tmp')\n"))]);
        version.AssertReady();
        Assert.Contains("imported by 1000", await host.LogOfAsync(version), StringComparison.Ordinal);
        var image = (await registry.Engine.DockerAsync("run", "--rm", "--network", "none", "--entrypoint", "find", (string)version["image"]!, "/home/claimed", "-name", "*.pyc")).Succeeded();
        Assert.Equal("", image.Trim());
    }

    [Fact]
    public async Task In_a_Dockerfile_that_was_published_it_names_the_line_and_the_attempt_can_be_had_with_its_files()
    {
        var version = await registry.Host.PublishAsync("failures/file", "1.0.0",
        [
            ("component.yaml", Encoding.UTF8.GetBytes(Samples.Step)),
            ("Dockerfile", Encoding.UTF8.GetBytes($"# A tool.\nFROM {BaseImages.Shell}\nCOPY words.txt /words.txt\n\nRUN echo one \\\n && mend --all\n")),
            ("words.txt", Encoding.UTF8.GetBytes("words\n")),
        ]);
        var failure = Failure(version);
        Assert.Equal(("no-command", "Dockerfile", 5, 127), ((string?)failure["cause"], (string?)failure["file"], (int?)failure["line"], (int?)failure["exitCode"]));
        Assert.Matches(@"\A\d+/\d+\z", (string?)failure["step"]);
        Assert.Contains("mend", (string?)failure["message"], StringComparison.Ordinal);

        var byHand = await ByHandAsync($"api/v1/builds/{version["build"]!["id"]}/Dockerfile");
        Assert.NotEqual(0, byHand.ExitCode);
        Assert.Contains("mend: not found", byHand.Out + byHand.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_line_in_the_Dockerfile_of_a_version_builds_the_same_by_hand()
    {
        var version = await registry.Host.PublishAsync("failures/fine", "1.0.0", "tool.py", "'A tool.'\nimport os\n# What to say\nword = os.environ.get('word', 'hello')\nprint('said', word)\n");
        version.AssertReady();
        (await ByHandAsync("api/v1/components/failures/fine/versions/1.0.0/Dockerfile")).Succeeded();
        Assert.Contains("said hello", (await registry.Engine.DockerAsync("run", "--rm", "--network", "none", "failures/fine:1.0.0")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(await registry.Host.Anonymous.GetStringAsync("api/v1/components/failures/fine/versions/1.0.0/Dockerfile"),
            await registry.Host.Anonymous.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}/Dockerfile"));
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task An_account_in_an_address_is_told_nowhere(string name)
    {
        var host = (await registry.OnAsync(name)).Host;
        var version = await host.PublishStepsAsync("failures/account", "RUN echo from https://tok3n-alone@example.org/a and https://robot:passw0rd@example.org/b; exit 3");

        Assert.Equal(("Dockerfile", 2, 3), ((string?)Failure(version)["file"], (int?)Failure(version)["line"], (int?)Failure(version)["exitCode"]));
        Assert.StartsWith("from https://***@example.org/a and https://***@example.org/b\n", ((string?)Failure(version)["tail"])!.TrimStart(), StringComparison.Ordinal);
        Assert.Contains("echo from https://***@example.org/a and", (string?)version["reason"], StringComparison.Ordinal);
        var told = version.ToJsonString() + await host.LogOfAsync(version) + await host.Anonymous.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}")
            + await host.Anonymous.GetStringAsync("components/failures/account") + await EventsAsync(host);
        Assert.DoesNotContain("tok3n-alone", told, StringComparison.Ordinal);
        Assert.DoesNotContain("passw0rd", told, StringComparison.Ordinal);
    }

    [Theory]
    // Of another build, and exactly the next one of this.
    [InlineData("docker", "Step 7/8 : RUN something")]
    [InlineData("docker", "Step 5/6 : RUN echo next")]
    [InlineData("podman", "STEP 7/8: RUN something")]
    [InlineData("podman", "STEP 5/6: RUN echo next")]
    public async Task A_step_that_prints_the_line_of_another_is_named_itself(string name, string printed)
    {
        var host = (await registry.OnAsync(name)).Host;
        var version = await host.PublishStepsAsync("failures/fake", $"RUN true\nRUN echo '{printed}'; sleep 0.2; echo ' ---> Running in 0123456789ab'; sleep 0.2; echo the end; exit 3\nRUN echo next\n");

        var failure = Failure(version);
        Assert.Equal(("4/6", "Dockerfile", 3, 3), ((string?)failure["step"], (string?)failure["file"], (int?)failure["line"], (int?)failure["exitCode"]));
        Assert.StartsWith($"RUN echo '{printed}'", (string?)failure["command"], StringComparison.Ordinal);
        Assert.Contains("\nthe end\n", (string?)failure["tail"], StringComparison.Ordinal);
        Assert.Contains("Step 4/6 : RUN echo", (string?)version["reason"], StringComparison.Ordinal);
    }

    private static async Task<string> EventsAsync(RegistryHost host)
    {
        var told = new StringBuilder();
        for (var after = "0"; ;)
        {
            var page = JsonNode.Parse(await host.Anonymous.GetStringAsync($"api/v1/events?after={after}&limit=500"))!;
            if (page["items"]!.AsArray().Count == 0)
                return told.ToString();
            told.Append(page["items"]!.ToJsonString());
            after = (string)page["next"]!;
        }
    }

    private static JsonNode Failure(JsonNode version)
    {
        Assert.Equal("failed", (string?)version["state"]);
        return version["build"]!["failure"] ?? throw new InvalidOperationException($"No failure is told: {version["reason"]}");
    }

    /// <summary>Runs the command that a Dockerfile of the registry gives; the tests' engine has no bridge.</summary>
    private async Task<ShellResult> ByHandAsync(string path)
    {
        var dockerfile = await registry.Host.Anonymous.GetStringAsync(path);
        var command = dockerfile.Split('\n').Single(line => line.StartsWith("#   curl", StringComparison.Ordinal))[1..].Trim();
        Assert.Contains(" | docker build -t failures/", command, StringComparison.Ordinal);
        return await Shell.RunAsync("bash", ["-o", "pipefail", "-c", command.Replace("docker build", "docker build --network none", StringComparison.Ordinal)],
            new Dictionary<string, string?> { ["DOCKER_HOST"] = registry.Engine.Endpoint, ["DOCKER_BUILDKIT"] = "0" });
    }

    /// <summary>An index of packages on loopback that has none.</summary>
    private sealed class EmptyIndex : IDisposable
    {
        private readonly HttpListener _listener = new();

        public EmptyIndex()
        {
            Url = $"http://127.0.0.1:{FreePorts.Next()}/simple/";
            _listener.Prefixes.Add(Url);
            _listener.Start();
            _ = AnswerAsync();
        }

        public string Url { get; }

        public void Dispose() => _listener.Close();

        private async Task AnswerAsync()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var asked = await _listener.GetContextAsync();
                    asked.Response.StatusCode = 404;
                    asked.Response.Close();
                }
                catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
