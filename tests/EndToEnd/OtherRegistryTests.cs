using System.Net;
using System.Net.Http.Headers;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>Debian's docker-registry behind this one, as where base images come from, and in its place, as where built images go.</summary>
[Trait("Database", "any")]
public sealed class OtherRegistryTests(RegistryWithEngine registry) : IAsyncLifetime
{
    private const string Component = """
        name: Say
        description: Says hello.
        implementation:
          container:
            image: ''
            command: [sh, -c, 'echo hello']

        """;

    private readonly string _password = Path.GetTempFileName();
    private DockerRegistry _other = null!;

    public async ValueTask InitializeAsync()
    {
        _other = await DockerRegistry.StartAsync();
        await File.WriteAllTextAsync(_password, DockerRegistry.Password);
        (await registry.Engine.DockerAsync("login", "--username", DockerRegistry.User, "--password", DockerRegistry.Password, _other.Authority)).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        File.Delete(_password);
    }

    private static byte[] Bundle(string dockerfile) => Archives.TarGz(("component.yaml", Component), ("Dockerfile", dockerfile));

    [Fact]
    public async Task Built_images_lie_in_the_registry_of_the_site_and_forms_name_them_there()
    {
        var (host, own) = await registry.StartAsync(new Dictionary<string, string>
        {
            ["Images:ExternalRegistry:Url"] = $"http://{_other.Authority}/ml",
            ["Images:ExternalRegistry:Username"] = DockerRegistry.User,
            ["Images:ExternalRegistry:PasswordFile"] = _password,
        });
        await using var _ = host;
        var version = await host.PublishBundleAsync("acme/say", "1.2.0", Bundle($"FROM {BaseImages.Busybox}\nENV GREETING=hello\n"));
        version.AssertReady();

        var head = new HttpRequestMessage(HttpMethod.Head, "/v2/ml/acme/say/manifests/1.2.0");
        head.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.docker.distribution.manifest.v2+json"));
        var digest = Assert.Single((await _other.Client.SendAsync(head)).Headers.GetValues("Docker-Content-Digest"));
        Assert.Equal(digest, (string?)version["imageDigest"]);
        var reference = $"{_other.Authority}/ml/acme/say@{digest}";
        Assert.Equal(reference, (string?)version["image"]);
        foreach (var form in new[] { "component.yaml", "elyra.yaml", "operator.py", "job.yaml" })
            Assert.Contains(reference, await host.Anonymous.GetStringAsync($"api/v1/components/acme/say/versions/1.2.0/{form}"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Admin.GetAsync("/v2/acme/say/tags/list")).StatusCode);
        Assert.Equal("hello", (await registry.Engine.DockerAsync("run", "--rm", "--network", "none", reference, "sh", "-c", "echo $GREETING")).Succeeded());
        Assert.DoesNotContain(own, (string)version["image"]!, StringComparison.Ordinal);
        // At the engine it has a name that builds alone give, by which housekeeping would know it.
        Assert.Contains($"{_other.Authority}/ml/acme/say:build-{version["build"]!["id"]}-", await host.LogOfAsync(version), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_is_refused_there_fails_the_push_in_words_and_a_later_attempt_works()
    {
        await File.WriteAllTextAsync(_password, "wrong");
        var (host, _) = await registry.StartAsync(new Dictionary<string, string>
        {
            ["Images:ExternalRegistry:Url"] = $"http://{_other.Authority}",
            ["Images:ExternalRegistry:Username"] = DockerRegistry.User,
            ["Images:ExternalRegistry:PasswordFile"] = _password,
        });
        await using var __ = host;
        var publish = await host.PublishAsync("acme", "say", "1.0.0", ("component.yaml", Component), ("Dockerfile", $"FROM {BaseImages.Busybox}\nENV GREETING=again\n"));
        Assert.Equal(HttpStatusCode.Created, publish.Status);
        var waiting = await host.UntilAsync("api/v1/components/acme/say/versions/1.0.0", answer => answer.Text.Contains("could not push", StringComparison.Ordinal));
        Assert.DoesNotContain("wrong", waiting.Text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_password, DockerRegistry.Password);
        await host.UntilAsync("api/v1/components/acme/say/versions/1.0.0", answer => answer["state"] == "ready");
    }

    [Fact]
    public async Task A_build_has_its_base_image_through_a_proxy_and_later_without_the_registry_it_came_from()
    {
        var source = $"{_other.Authority}/base/thing:1";
        await registry.Engine.ImportAsync(source, 300_000);
        (await registry.Engine.DockerAsync("push", source)).Succeeded();
        (await registry.Engine.DockerAsync("rmi", source)).Succeeded();
        await using var line = TcpProxy.To(new Uri($"http://{_other.Authority}").Port);
        var upstream = $"127.0.0.1:{line.Port}";
        var (host, own) = await registry.StartAsync(new Dictionary<string, string>
        {
            ["Images:Upstreams:0:Host"] = upstream,
            ["Images:Upstreams:0:Username"] = DockerRegistry.User,
            ["Images:Upstreams:0:PasswordFile"] = _password,
            ["Images:Upstreams:0:Namespaces:0"] = "hub",
            ["Images:Proxies:0:Namespace"] = "hub",
            ["Images:Proxies:0:Upstream"] = upstream,
        });
        await using var _ = host;
        await host.Admin.UntilAsync("/api/v1/namespaces/hub", answer => answer.Status == HttpStatusCode.OK);
        // An engine pulls as everyone may.
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/hub", new { visibility = "public" })).Status);
        var version = await host.PublishBundleAsync("acme/say", "1.0.0", Bundle($"FROM {own}/hub/base/thing:1\nENV GREETING=proxy\n"));
        version.AssertReady();

        line.Vanish();
        using var pulled = new Workspace();
        (await registry.Engine.SkopeoAsync("copy", "--src-tls-verify=false", $"docker://{own}/hub/base/thing:1", $"dir:{pulled.Folder}")).Succeeded();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_component_on_one_base_image_transfers_next_to_nothing(bool isPrivate)
    {
        var name = $"big-base-{isPrivate}".ToLowerInvariant();
        await registry.Engine.ImportAsync($"{name}:1", 20 << 20);

        var port = FreePorts.Next();
        await using var line = TcpProxy.To(port);
        var (host, _) = await registry.StartAsync(new Dictionary<string, string> { ["Builds:PushHost"] = $"127.0.0.1:{line.Port}" }, port);
        await using var __ = host;
        await host.CreateNamespaceAsync("acme", isPrivate);
        (await host.PublishBundleAsync("acme/one", "1.0.0", Bundle($"FROM {name}:1\nENV NUMBER=1\n"))).AssertReady();
        var first = line.Uploaded;
        (await host.PublishBundleAsync("acme/two", "1.0.0", Bundle($"FROM {name}:1\nENV NUMBER=2\n"))).AssertReady();
        var second = line.Uploaded - first;
        Assert.True(first > 20 << 20, $"the first sent {first} bytes");
        Assert.True(second * 100 < first, $"the second sent {second} bytes, the first {first}");
    }
}
