using System.Net;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>Container clients against the image store.</summary>
[Trait("Database", "any")]
public sealed class ClientTests(RegistryWithEngine registry)
{
    [Fact]
    public async Task Skopeo_reads_a_version_by_tag_and_by_digest_and_copies_it_whole()
    {
        var version = await registry.Host.PublishAsync("acme/hello", "0.3.0", "hello.py", "\"Says hello.\"\nprint('hello')\n");
        version.AssertReady();
        var digest = (string)version["imageDigest"]!;
        using var work = new Workspace();

        var byTag = JsonNode.Parse((await registry.Engine.SkopeoAsync("inspect", "--tls-verify=false", $"docker://{registry.ImageHost}/acme/hello:0.3.0")).Succeeded())!;
        var byChannel = JsonNode.Parse((await registry.Engine.SkopeoAsync("inspect", "--tls-verify=false", $"docker://{registry.ImageHost}/acme/hello:latest")).Succeeded())!;
        (await registry.Engine.SkopeoAsync("copy", "--src-tls-verify=false", $"docker://{registry.ImageHost}/acme/hello@{digest}", $"dir:{work["copy"]}")).Succeeded();

        Assert.Equal(digest, (string?)byTag["Digest"]);
        Assert.Equal(digest, (string?)byChannel["Digest"]);
        Assert.Equal("Says hello.", (string?)byTag["Labels"]!["org.opencontainers.image.description"]);
        // What it is called would make another image of the same files under another name.
        Assert.Null(byTag["Labels"]!["org.opencontainers.image.title"]);
        Assert.DoesNotContain(byTag["RepoTags"]!.AsArray(), tag => ((string)tag!).StartsWith("build-", StringComparison.Ordinal));
        Assert.NotEmpty(Directory.GetFiles(work["copy"]));
    }

    [Fact]
    public async Task Docker_pushes_with_the_token_and_is_refused_without_it()
    {
        var digest = await registry.PushBusyboxAsync("acme/mine:dev");
        using var stored = await registry.Host.Anonymous.GetAsync("v2/acme/mine/manifests/dev");
        Assert.Equal(digest, stored.Headers.GetValues("Docker-Content-Digest").Single());

        (await registry.Engine.DockerAsync("tag", BaseImages.Busybox, $"{registry.ImageHost}/acme/theirs:dev")).Succeeded();
        using var nobody = new Workspace();
        var refused = await registry.Engine.DockerAsync("--config", nobody.Folder, "push", $"{registry.ImageHost}/acme/theirs:dev");

        Assert.NotEqual(0, refused.ExitCode);
        using var absent = await registry.Host.Admin.GetAsync("v2/acme/theirs/manifests/dev");
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
    }

    [Fact]
    public async Task A_version_tag_cannot_be_pushed_over()
    {
        var version = await registry.Host.PublishAsync("acme/fixed", "1.0.0", "fixed.py", "\"Stays.\"\nprint('first')\n");
        version.AssertReady();
        var reference = $"{registry.ImageHost}/acme/fixed:1.0.0";
        (await registry.Engine.DockerAsync("tag", BaseImages.Busybox, reference)).Succeeded();

        var push = await registry.Engine.DockerAsync("push", reference);

        Assert.NotEqual(0, push.ExitCode);
        using var stored = await registry.Host.Anonymous.GetAsync("v2/acme/fixed/manifests/1.0.0");
        Assert.Equal((string?)version["imageDigest"], stored.Headers.GetValues("Docker-Content-Digest").Single());
    }
}
