using System.Net;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>Real clients log in with scoped tokens: what the token opens works, and nothing beside it.</summary>
public sealed class LoginTests(RegistryWithEngine registry) : IAsyncLifetime
{
    private const string Own = "closed/own";
    private readonly Workspace _work = new();
    private string _publisher = "";
    private string _reader = "";

    public async ValueTask InitializeAsync()
    {
        await registry.Host.CreateNamespaceAsync("closed", isPrivate: true, ("cora", "publisher"), ("rudi", "reader"));
        await registry.Host.CreateNamespaceAsync("sealed", isPrivate: true);
        _publisher = await registry.Host.TokenAsync("cora", "pull push", "closed/*");
        _reader = await registry.Host.TokenAsync("rudi", "pull", "closed/*");
    }

    public ValueTask DisposeAsync()
    {
        _work.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Docker_pushes_and_pulls_with_a_scoped_token_and_is_refused_beyond_it()
    {
        var (publisher, reader, nobody) = (_work["docker-publisher"], _work["docker-reader"], _work["docker-nobody"]);
        Assert.NotEqual(0, (await DockerAsync(nobody, "login", "-u", "x", "-p", "clmt_wrong", registry.ImageHost)).ExitCode);
        (await DockerAsync(publisher, "login", "-u", "cora", "-p", _publisher, registry.ImageHost)).Succeeded();
        (await DockerAsync(reader, "login", "-u", "rudi", "-p", _reader, registry.ImageHost)).Succeeded();
        var image = $"{registry.ImageHost}/{Own}:docker";
        foreach (var tag in new[] { image, $"{registry.ImageHost}/sealed/theirs:docker" })
            (await registry.Engine.DockerAsync("tag", BaseImages.Busybox, tag)).Succeeded();

        (await DockerAsync(publisher, "push", image)).Succeeded();
        Assert.NotEqual(0, (await DockerAsync(publisher, "push", $"{registry.ImageHost}/sealed/theirs:docker")).ExitCode);
        Assert.NotEqual(0, (await DockerAsync(reader, "push", image)).ExitCode);
        (await registry.Engine.DockerAsync("rmi", image)).Succeeded();
        Assert.NotEqual(0, (await DockerAsync(nobody, "pull", image)).ExitCode);
        (await DockerAsync(reader, "pull", image)).Succeeded();
        using var anonymous = await registry.Host.Anonymous.GetAsync($"v2/{Own}/manifests/docker");
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }

    [Fact]
    public async Task Skopeo_and_podman_copy_with_a_scoped_token_and_are_refused_beyond_it()
    {
        var image = await registry.PushBusyboxAsync("open-source/box:1");
        var source = $"docker://{registry.ImageHost}/open-source/box@{image}";
        var auth = _work["auth.json"];
        (await registry.Engine.SkopeoAsync("login", "--authfile", auth, "--tls-verify=false", "-u", "cora", "-p", _publisher, registry.ImageHost)).Succeeded();
        (await SkopeoAsync(auth, source, $"docker://{registry.ImageHost}/{Own}:skopeo")).Succeeded();
        Assert.NotEqual(0, (await SkopeoAsync(auth, source, $"docker://{registry.ImageHost}/sealed/theirs:skopeo")).ExitCode);
        Assert.NotEqual(0, (await registry.Engine.SkopeoAsync("inspect", "--no-creds", "--tls-verify=false", $"docker://{registry.ImageHost}/{Own}:skopeo")).ExitCode);

        var pod = _work["podman-auth.json"];
        (await PodmanAsync("login", "--authfile", pod, "--tls-verify=false", "-u", "rudi", "-p", _reader, registry.ImageHost)).Succeeded();
        (await PodmanAsync("pull", "--authfile", pod, "--tls-verify=false", $"{registry.ImageHost}/{Own}:skopeo")).Succeeded();
        Assert.NotEqual(0, (await PodmanAsync("push", "--authfile", pod, "--tls-verify=false", $"{registry.ImageHost}/{Own}:skopeo", $"docker://{registry.ImageHost}/{Own}:podman")).ExitCode);
        (await PodmanAsync("login", "--authfile", pod, "--tls-verify=false", "-u", "cora", "-p", _publisher, registry.ImageHost)).Succeeded();
        (await PodmanAsync("push", "--authfile", pod, "--tls-verify=false", $"{registry.ImageHost}/{Own}:skopeo", $"docker://{registry.ImageHost}/{Own}:podman")).Succeeded();
        using var cora = registry.Host.With(_publisher);
        var tags = JsonNode.Parse((await cora.SendAsync(HttpMethod.Get, $"/v2/{Own}/tags/list")).Text)!["tags"]!.AsArray().Select(tag => (string)tag!);
        Assert.Contains("podman", tags);
    }

    private Task<ShellResult> DockerAsync(string config, params string[] arguments) => registry.Engine.DockerAsync(["--config", config, .. arguments]);

    private Task<ShellResult> SkopeoAsync(string auth, string from, string to) =>
        registry.Engine.SkopeoAsync(["copy", "--authfile", auth, "--src-tls-verify=false", "--dest-tls-verify=false", from, to]);

    private Task<ShellResult> PodmanAsync(params string[] arguments) => registry.Engine.PodmanAsync(arguments);
}
