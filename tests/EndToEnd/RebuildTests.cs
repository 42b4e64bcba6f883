using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>A base image that has moved: what stands on it is published anew, and the same things are never built twice.</summary>
[Trait("Database", "any")]
public sealed class RebuildTests(RegistryWithEngine registry)
{
    private const string Base = "rebuild-base:1";
    [Fact]
    public async Task What_stands_on_a_base_image_that_moved_is_published_anew_as_the_next_patch_version()
    {
        await MakeBaseAsync("first");
        var first = await PublishAsync("rebuild/one", "1.0.0", "one");
        await PublishAsync("rebuild/one", "2.3.0", "two");
        await PublishAsync("rebuild/elsewhere", "1.0.0", "three", "FROM scratch\nCOPY word.txt /word.txt\n");

        await MakeBaseAsync("second");
        var trial = await RebuildAsync("&dryRun=true");
        Assert.Equal(HttpStatusCode.OK, trial.Status);
        Assert.Equal(["rebuild/one 1.0.0 1.0.1", "rebuild/one 2.3.0 2.3.1"], Said(trial.Body));
        var asked = await RebuildAsync("");
        Assert.Equal(HttpStatusCode.Accepted, asked.Status);
        Assert.Equal(["rebuild/one 1.0.0 1.0.1", "rebuild/one 2.3.0 2.3.1"], Said(asked.Body));
        var anew = await ReadyAsync("rebuild/one/versions/1.0.1");
        await ReadyAsync("rebuild/one/versions/2.3.1");
        Assert.NotEqual((string?)first["imageDigest"], anew["imageDigest"]);
        Assert.Equal((string?)first["imageDigest"], (await registry.Host.GetAsync("/api/v1/components/rebuild/one/versions/1.0.0"))["imageDigest"]);
        var pulled = (await registry.Engine.DockerAsync("pull", "-q", $"{registry.ImageHost}/rebuild/one:1.0.1")).Succeeded();
        Assert.Contains($"{registry.ImageHost}/rebuild/one:1.0.1", pulled, StringComparison.Ordinal);

        // Nothing moved since: the newest version has the image of the one before, and no engine worked for it.
        Assert.Equal(["rebuild/one 1.0.1 1.0.2", "rebuild/one 2.3.1 2.3.2"], Said((await RebuildAsync("")).Body));
        var same = await ReadyAsync("rebuild/one/versions/1.0.2");
        Assert.Equal(anew["imageDigest"], same["imageDigest"]);
        var build = await registry.Host.GetAsync($"/api/v1/builds/{same["build.id"]}");
        Assert.Equal(anew["build.id"], build["sameAs"]);
    }

    [Fact]
    public async Task Images_for_several_platforms_lie_under_one_index()
    {
        var (host, images) = await registry.StartAsync(new Dictionary<string, string> { ["Builds:Platforms:0"] = "linux/arm64", ["Builds:Concurrency"] = "1" });
        await using var disposed = host;
        // One after the other: what the engine keeps of the first is for another platform.
        var version = await host.PublishAsync("acme/everywhere", "1.0.0",
            [("component.yaml", Bytes(Samples.Step)), ("Dockerfile", Bytes("FROM scratch\nCOPY word.txt /word.txt\n")), ("word.txt", Bytes("everywhere"))],
            new Dictionary<string, string> { ["platform"] = "linux/arm64, linux/amd64" });
        version.AssertReady();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/acme/everywhere/manifests/1.0.0");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.oci.image.index.v1+json");
        using var answer = await host.Anonymous.SendAsync(request);
        var index = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal((string?)version["imageDigest"], answer.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(["linux/amd64", "linux/arm64"], index["manifests"]!.AsArray().Select(entry => $"{entry!["platform"]!["os"]}/{entry["platform"]!["architecture"]}"));
        // Each child says of itself what the index says of it, and a client that wants one gets that one.
        foreach (var architecture in (string[])["amd64", "arm64"])
        {
            var config = (await registry.Engine.SkopeoAsync("inspect", "--tls-verify=false", "--override-arch", architecture, "--config", $"docker://{images}/acme/everywhere:1.0.0")).Succeeded();
            Assert.Equal(architecture, (string?)JsonNode.Parse(config)!["architecture"]);
        }
        var builds = (await host.GetAsync("/api/v1/builds")).Items;
        Assert.Equal(["linux/amd64 succeeded", "linux/arm64 succeeded"], builds.Select(build => $"{build.GetProperty("platform").GetString()} {build.GetProperty("state").GetString()}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task When_the_image_for_one_platform_fails_the_version_does_and_the_others_end()
    {
        var (host, _) = await registry.StartAsync(new Dictionary<string, string> { ["Builds:Platforms:0"] = "linux/arm64", ["Builds:Concurrency"] = "1" });
        await using var disposed = host;
        var version = await host.PublishAsync("acme/nowhere", "1.0.0",
            [("component.yaml", Bytes(Samples.Step)), ("Dockerfile", Bytes("FROM scratch\nCOPY absent.txt /word.txt\n")), ("word.txt", Bytes("nowhere"))],
            new Dictionary<string, string> { ["platform"] = "linux/amd64,linux/arm64" });
        Assert.Equal("failed", (string?)version["state"]);
        var states = (await host.UntilAsync("/api/v1/builds", builds => builds.Items.All(build => build.GetProperty("state").GetString() is "failed" or "cancelled"))).Items;
        Assert.Equal(["cancelled", "failed"], states.Select(build => build.GetProperty("state").GetString()!).Order(StringComparer.Ordinal));
        // Another try builds both again.
        using var retried = await host.Admin.PostAsync($"/api/v1/builds/{states[0].GetProperty("id").GetInt64()}/retry", null);
        Assert.Equal(HttpStatusCode.Accepted, retried.StatusCode);
        Assert.Equal(4, (await host.GetAsync("/api/v1/builds")).Items.Count);
    }

    private async Task MakeBaseAsync(string word)
    {
        using var folder = new Workspace();
        await File.WriteAllTextAsync(folder["Dockerfile"], "FROM scratch\nCOPY base.txt /base.txt\n");
        await File.WriteAllTextAsync(folder["base.txt"], word);
        (await registry.Engine.DockerAsync("build", "-q", "-t", Base, folder.Folder)).Succeeded();
    }

    private async Task<JsonNode> PublishAsync(string component, string version, string word, string dockerfile = $"FROM {Base}\nCOPY word.txt /word.txt\n")
    {
        var made = await registry.Host.PublishAsync(component, version, [("component.yaml", Bytes(Samples.Step)), ("Dockerfile", Bytes(dockerfile)), ("word.txt", Bytes(word))]);
        made.AssertReady();
        return made;
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> RebuildAsync(string more)
    {
        using var answer = await registry.Host.Admin.PostAsync($"/api/v1/builds/rebuild?base={Base}&namespace=rebuild{more}", null);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    private static IEnumerable<string> Said(JsonNode body) =>
        body["items"]!.AsArray().Select(item => $"{item!["namespace"]}/{item["name"]} {item["from"]} {item["version"] ?? item["reason"]}");

    private async Task<Answer> ReadyAsync(string path)
    {
        var ended = await registry.Host.UntilAsync($"/api/v1/components/{path}", version => version["state"] is "ready" or "failed");
        Assert.True(ended["state"] == "ready", ended.Text);
        return ended;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
