using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>What a build begins with is found before it begins, and written down.</summary>
[Trait("Database", "any")]
public sealed class BaseTests(RegistryWithEngine registry)
{
    private const string Component = "name: Say\ndescription: Says hello.\nimplementation:\n  container:\n    image: ''\n    command: [sh, -c, 'echo hello']\n";

    private static byte[] Bundle(string dockerfile) => Archives.TarGz(("component.yaml", Component), ("Dockerfile", dockerfile));

    [Fact]
    public async Task A_base_that_was_made_here_is_pinned_by_its_id_though_its_tag_moves_later()
    {
        await registry.Engine.ImportAsync("team/moves:1", 1000);
        var id = await IdOfAsync("team/moves:1");
        var first = await registry.Host.PublishBundleAsync("acme/moves", "1.0.0", Bundle("ARG V=1\nFROM team/moves:$V AS x\nENV A=1\nFROM x\nENV B=2\nCOPY --from=team/moves:1 /rest /again\n"));
        first.AssertReady();
        await registry.Engine.ImportAsync("team/moves:1", 1000);
        var second = await registry.Host.PublishBundleAsync("acme/moves", "1.1.0", Bundle("FROM team/moves:1\nENV A=1\n"));
        second.AssertReady();

        var found = Assert.Single((await BuildAsync(first))["bases"]!.AsArray())!;
        Assert.Equal("team/moves:1", (string?)found["name"]);
        Assert.Equal(id, (string?)found["imageId"]);
        Assert.Null(found["digest"]);
        Assert.Equal(await IdOfAsync("team/moves:1"), (string?)(await BuildAsync(second))["bases"]![0]!["imageId"]);
        Assert.Contains($"FROM {id} AS x", await LogAsync(first), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_that_the_engine_does_not_hold_is_fetched_and_its_digest_written_down()
    {
        var (name, digest) = await PushedAsync("acme/fetched-base");
        var version = await registry.Host.PublishBundleAsync("acme/fetches", "1.0.0", Bundle($"FROM {name}\nENV A=1\n"));
        version.AssertReady();
        Assert.Equal(digest, (string?)(await BuildAsync(version))["bases"]![0]!["digest"]);
        Assert.Contains($"Base image {name} is {name[..name.LastIndexOf(':')]}@{digest}", await LogAsync(version), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_elsewhere_comes_through_the_namespace_that_hands_it_on_under_the_name_it_has_there()
    {
        var (name, digest) = await PushedAsync("acme/far-base");
        await using var line = TcpProxy.To(new Uri($"http://{registry.ImageHost}").Port);
        var upstream = $"127.0.0.1:{line.Port}";
        // As long as nobody else knows the name, only the proxy can bring the image.
        var (host, _) = await registry.StartAsync(new Dictionary<string, string> { ["Images:Proxies:0:Namespace"] = "hub", ["Images:Proxies:0:Upstream"] = upstream, ["Images:AllowPrivateHosts"] = "true" });
        await using var __ = host;
        await host.Admin.UntilAsync("/api/v1/namespaces/hub", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/hub", new { visibility = "public" })).Status);
        var far = $"{upstream}/{name[(name.IndexOf('/') + 1)..]}";
        var version = await host.PublishBundleAsync("acme/says", "1.0.0", Bundle($"FROM {far}\nENV A=1\n"));
        version.AssertReady();

        var found = (await BuildAsync(version, host))["bases"]![0]!;
        Assert.Equal((far, digest), ((string?)found["name"], (string?)found["digest"]));
        using var kept = await host.Anonymous.GetAsync("v2/hub/acme/far-base/manifests/1");
        Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        // Whoever works with this engine finds the image under its own name; the next build fetches nothing.
        (await registry.Engine.DockerAsync("inspect", far)).Succeeded();
    }

    [Fact]
    public async Task A_base_that_nobody_has_fails_the_build_at_once_and_names_its_line()
    {
        var version = await registry.Host.PublishBundleAsync("acme/nowhere", "1.0.0", Bundle($"FROM scratch\nCOPY component.yaml /\nFROM {registry.ImageHost}/acme/never-pushed:1\n"));
        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains($"the base image {registry.ImageHost}/acme/never-pushed:1 cannot be had", (string?)version["reason"], StringComparison.Ordinal);
        Assert.Contains("line 3", (string?)version["reason"], StringComparison.Ordinal);
        Assert.Equal(1, (int)version["build"]!["attempt"]!);
    }

    [Fact]
    public async Task A_base_brings_along_only_what_a_published_Dockerfile_may_do_itself()
    {
        await registry.Engine.ImportAsync("team/secret:1", 1000);
        await registry.Engine.ImportAsync("team/taking:1", 1000, "ONBUILD COPY --from=team/secret:1 /rest /stolen");
        await registry.Engine.ImportAsync("team/setting:1", 1000, "ONBUILD ENV TEAM=blue");
        // Also where its files are copied first.
        var taking = await registry.Host.PublishBundleAsync("acme/takes", "1.0.0", Bundle("FROM scratch\nCOPY --from=team/taking:1 /rest /rest\nFROM team/taking:1\nENV A=1\n"));
        Assert.Equal("failed", (string?)taking["state"]);
        Assert.Contains("ONBUILD COPY --from=team/secret:1 /rest /stolen", (string?)taking["reason"], StringComparison.Ordinal);
        Assert.Contains("line 3", (string?)taking["reason"], StringComparison.Ordinal);
        (await registry.Host.PublishBundleAsync("acme/sets", "1.0.0", Bundle("FROM team/setting:1\nENV A=1\n"))).AssertReady();
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_is_asked_again_later()
    {
        var port = FreePorts.Next();
        var publish = await registry.Host.PublishAsync("acme", "later", "1.0.0", ("component.yaml", Component), ("Dockerfile", $"FROM 127.0.0.1:{port}/base/thing:1\n"));
        Assert.Equal(HttpStatusCode.Created, publish.Status);
        await registry.Host.UntilAsync("api/v1/components/acme/later/versions/1.0.0", answer => answer.Text.Contains("could not fetch a base image", StringComparison.Ordinal) && answer["state"] == "queued");
        using var cancelled = await registry.Host.Admin.PostAsync($"api/v1/builds/{publish.Json.GetProperty("build").GetProperty("id")}/cancel", null);
        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
    }

    [Fact]
    public async Task The_same_files_on_the_same_base_are_the_same_image_without_a_build()
    {
        await registry.Host.CreateNamespaceAsync("private-twin", isPrivate: true);
        var first = await registry.Host.PublishAsync("acme/twin", "1.0.0", "twin.py", "'A twin.'\nprint('twin')\n");
        first.AssertReady();
        var other = await registry.Host.PublishAsync("private-twin/sister", "3.2.1", "twin.py", "'A twin.'\nprint('twin')\n");
        other.AssertReady();

        Assert.Equal((string?)first["imageDigest"], (string?)other["imageDigest"]);
        var build = await BuildAsync(other);
        Assert.Equal((long)first["build"]!["id"]!, (long?)build["sameAs"]);
        Assert.Null((await BuildAsync(first))["sameAs"]);
        Assert.DoesNotContain("Step 1", await LogAsync(other), StringComparison.Ordinal);
        using var pulled = new Workspace();
        (await registry.Engine.SkopeoAsync("copy", "--src-creds", $"tester:{RegistryHost.AdminToken}", "--src-tls-verify=false",
            $"docker://{registry.ImageHost}/private-twin/sister:3.2.1", $"dir:{pulled.Folder}")).Succeeded();

        // Another platform, another base or another byte is another image.
        var third = await registry.Host.PublishAsync("acme/twin-too", "1.0.0", "twin.py", "'A twin.'\nprint('twins')\n");
        third.AssertReady();
        Assert.NotEqual((string?)first["imageDigest"], (string?)third["imageDigest"]);
        Assert.Null((await BuildAsync(third))["sameAs"]);
    }

    [Fact]
    public async Task An_image_that_is_gone_is_built_again()
    {
        var first = await registry.Host.PublishAsync("acme/goes", "1.0.0", "goes.py", "'Goes.'\nprint('goes')\n");
        first.AssertReady();
        Assert.Equal(HttpStatusCode.OK, (await registry.Host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/acme/goes/versions/1.0.0/purge", new { reason = "Goes." })).Status);
        var second = await registry.Host.PublishAsync("acme/comes", "1.0.0", "goes.py", "'Goes.'\nprint('goes')\n");
        second.AssertReady();
        Assert.Null((await BuildAsync(second))["sameAs"]);
    }

    /// <summary>An image that lies in the shared registry and not on the engine.</summary>
    private async Task<(string Name, string Digest)> PushedAsync(string repository)
    {
        var name = $"{registry.ImageHost}/{repository}:1";
        await registry.Engine.ImportAsync(name, 1000);
        (await registry.Engine.DockerAsync("push", name)).Succeeded();
        (await registry.Engine.DockerAsync("rmi", name)).Succeeded();
        using var head = await registry.Host.Anonymous.GetAsync($"v2/{repository}/manifests/1");
        return (name, head.Headers.GetValues("Docker-Content-Digest").Single());
    }

    private async Task<string> IdOfAsync(string name) => (await registry.Engine.DockerAsync("inspect", "--format", "{{.Id}}", name)).Succeeded().Trim();

    private async Task<JsonNode> BuildAsync(JsonNode version, RegistryHost? host = null) =>
        JsonNode.Parse(await (host ?? registry.Host).Admin.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}"))!;

    private Task<string> LogAsync(JsonNode version) => registry.Host.Admin.GetStringAsync($"api/v1/builds/{version["build"]!["id"]}/log");
}

internal static class BaseImport
{
    /// <summary>An image whose one layer is random, and so neither shrinks nor is known.</summary>
    public static async Task ImportAsync(this ContainerEngine engine, string reference, int bytes, params IEnumerable<string> changes)
    {
        using var work = new Workspace();
        var folder = Directory.CreateDirectory(Path.Combine(work.Folder, "root")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "rest"), RandomNumberGenerator.GetBytes(bytes));
        var archive = Path.Combine(work.Folder, "base.tar");
        (await Shell.RunAsync("tar", ["-C", folder, "-cf", archive, "rest"])).Succeeded();
        (await engine.DockerAsync(["import", .. changes.SelectMany(change => (string[])["--change", change]), archive, reference])).Succeeded();
    }
}
