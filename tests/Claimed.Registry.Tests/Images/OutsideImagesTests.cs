using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Claimed.Registry.Tests.Images;

[Trait("Database", "any")]
public sealed class OutsideImagesTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    /// <summary>As the registry itself asks for a component of its own.</summary>
    private Task<OutsideImage> ResolveAsync(string reference) =>
        ((OutsideImages)host.Registry.Services.GetService(typeof(OutsideImages))!).ResolveAsync(reference, "acme", "tool", caller: null, CancellationToken.None);

    [Fact]
    public async Task An_image_of_another_registry_is_pinned_through_its_token_flow()
    {
        var manifest = ImageHost.ImageOf("layer"u8.ToArray());
        await using var outer = await FakeRegistry.StartAsync(async (context, address) =>
        {
            if (context.Request.Path == "/pass")
            {
                Assert.Equal("?service=fake&scope=repository%3Aacme%2Fouter%3Apull", context.Request.QueryString.Value);
                await context.Response.WriteAsJsonAsync(new { token = "anonymous" });
            }
            else if (context.Request.Headers.Authorization != "Bearer anonymous")
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{address}pass\",service=\"fake\",scope=\"repository:acme/outer:pull\"";
            }
            else
            {
                Assert.Equal("/v2/acme/outer/manifests/3.12", context.Request.Path);
                Assert.Contains(MediaTypes.OciIndex, context.Request.Headers.Accept.ToString(), StringComparison.Ordinal);
                context.Response.Headers["Docker-Content-Digest"] = Digest.Of(manifest);
            }
        });
        var answer = await ResolveAsync($"{outer.Authority}/acme/outer:3.12");
        Assert.Equal(OutsideImage.Resolved(Digest.Of(manifest), $"{outer.Authority}/acme/outer@{Digest.Of(manifest)}"), answer);
    }

    [Fact]
    public async Task An_image_of_another_of_these_registries_is_pinned()
    {
        await using var other = new ImageHost();
        await other.InitializeAsync();
        var digest = await other.PushImageAsync("acme/outer", "one");
        var authority = other.Registry.Address.Authority;
        Assert.Equal($"{authority}/acme/outer@{digest}", (await ResolveAsync($"{authority}/acme/outer:one")).Pinned);
        Assert.Equal(digest, (await ResolveAsync($"{authority}/acme/outer@{digest}")).Digest);
        Assert.Equal(OutsideImageOutcome.NotFound, (await ResolveAsync($"{authority}/acme/outer:two")).Outcome);
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData(null)]
    public async Task An_image_of_this_registry_comes_from_its_own_store_with_the_public_host(string? hostName)
    {
        var digest = await host.PushImageAsync(_repository, "one");
        var answer = await ResolveAsync($"{hostName ?? host.Registry.Address.Authority}/{_repository}:one");
        Assert.True(answer.IsOwn);
        Assert.Equal($"localhost:8080/{_repository}@{digest}", answer.Pinned);
        Assert.Equal(OutsideImageOutcome.NotFound, (await ResolveAsync($"localhost:8080/{_repository}:two")).Outcome);
    }

    [Fact]
    public async Task A_registry_without_digest_headers_is_read_and_hashed()
    {
        await using var fake = await FakeRegistry.StartAsync(async (context, _) =>
        {
            if (HttpMethods.IsGet(context.Request.Method))
                await context.Response.WriteAsync("{\"schemaVersion\":2}");
        });
        Assert.Equal(Digest.Of("{\"schemaVersion\":2}"), (await ResolveAsync($"{fake.Authority}/a/b")).Digest);
    }

    [Fact]
    public async Task A_digest_that_a_registry_answers_with_another_is_not_believed()
    {
        await using var fake = await FakeRegistry.StartAsync((context, _) =>
        {
            context.Response.Headers["Docker-Content-Digest"] = Digest.Of("another");
            return Task.CompletedTask;
        });
        var answer = await ResolveAsync($"{fake.Authority}/a/b@{Digest.Of("asked")}");
        Assert.Equal(OutsideImageOutcome.Unreachable, answer.Outcome);
    }

    [Theory]
    [InlineData("https://127.0.0.1/v2/")]
    [InlineData("http://192.0.2.1/v2/")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_to_another_scheme_or_off_this_machine_is_not_followed(string location)
    {
        await using var fake = await FakeRegistry.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });
        var answer = await ResolveAsync($"{fake.Authority}/a/b:c");
        Assert.Equal(OutsideImageOutcome.Unreachable, answer.Outcome);
        Assert.Contains("redirects", answer.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, OutsideImageOutcome.NotFound)]
    [InlineData(401, OutsideImageOutcome.NotFound)]
    [InlineData(403, OutsideImageOutcome.NotFound)]
    [InlineData(429, OutsideImageOutcome.Unreachable)]
    [InlineData(500, OutsideImageOutcome.Unreachable)]
    public async Task Every_answer_of_a_registry_is_an_outcome(int status, OutsideImageOutcome outcome)
    {
        await using var fake = await FakeRegistry.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Equal(outcome, (await ResolveAsync($"{fake.Authority}/a/b:c")).Outcome);
    }

    [Fact]
    public async Task An_image_that_a_registry_cannot_serve_takes_no_other_image_with_it()
    {
        await using var fake = await FakeRegistry.StartAsync((context, _) =>
        {
            context.Response.StatusCode = context.Request.Path.Value!.EndsWith("broken", StringComparison.Ordinal) ? 500 : 404;
            return Task.CompletedTask;
        });
        Assert.Equal(OutsideImageOutcome.Unreachable, (await ResolveAsync($"{fake.Authority}/a/b:broken")).Outcome);
        Assert.Equal(OutsideImageOutcome.NotFound, (await ResolveAsync($"{fake.Authority}/a/b:whole")).Outcome);
    }

    [Fact]
    public async Task A_host_without_a_connection_is_left_alone_for_a_while()
    {
        var port = Claimed.TestKit.FreePorts.Next();
        Assert.True((await ResolveAsync($"127.0.0.1:{port}/a/b:c")).IsHostSilent);
        var asked = 0;
        await using var late = await FakeRegistry.StartAsync((_, _) => Task.FromResult(asked++), port);
        Assert.True((await ResolveAsync($"127.0.0.1:{port}/a/b:d")).IsHostSilent);
        Assert.Equal(0, asked);
    }

    [Theory]
    [InlineData("realm=\"::::\"")]
    [InlineData("realm=\"http://[::1/\",service=\"\u00e9\"")]
    public async Task A_challenge_that_is_none_is_an_outcome(string challenge)
    {
        await using var fake = await FakeRegistry.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Bearer " + Uri.EscapeDataString(challenge).Replace("%3D", "=").Replace("%22", "\"");
            return Task.CompletedTask;
        });
        Assert.NotEqual(OutsideImageOutcome.Resolved, (await ResolveAsync($"{fake.Authority}/a/b:c")).Outcome);
    }

    [Theory]
    [InlineData("{\"token\": \"a\\nb\"}")]
    [InlineData("{\"token\": \"\\ud800\"}")]
    [InlineData("[[[[")]
    public async Task A_pass_that_is_none_is_an_outcome(string answer)
    {
        await using var fake = await FakeRegistry.StartAsync(async (context, address) =>
        {
            if (context.Request.Path == "/pass")
            {
                await context.Response.WriteAsync(answer);
                return;
            }
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{address}pass\"";
        });
        Assert.NotEqual(OutsideImageOutcome.Resolved, (await ResolveAsync($"{fake.Authority}/a/b:c")).Outcome);
    }

    [Fact]
    public async Task A_host_that_nobody_answers_at_is_unreachable() =>
        Assert.Equal(OutsideImageOutcome.Unreachable, (await ResolveAsync("127.0.0.1:1/a/b:c")).Outcome);

    [Theory]
    [InlineData("python", "docker.io/library/python:latest")]
    [InlineData("python:3.12", "docker.io/library/python:3.12")]
    [InlineData("acme/thing", "docker.io/acme/thing:latest")]
    [InlineData("docker.io/python", "docker.io/library/python:latest")]
    [InlineData("index.docker.io/acme/x:1", "docker.io/acme/x:1")]
    [InlineData("localhost/a", "localhost/a:latest")]
    [InlineData("host:5000/a/b/c:t.1", "host:5000/a/b/c:t.1")]
    [InlineData("[::1]:5000/a:t", "[::1]:5000/a:t")]
    public void References_are_completed_as_docker_does(string text, string whole)
    {
        Assert.True(ImageName.TryParse(text, out var name));
        Assert.Equal(whole, name.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Python")]
    [InlineData("a b")]
    [InlineData("host:5000/")]
    [InlineData("host:99999/a")]
    [InlineData("user@host.example/a")]
    [InlineData("a@sha256:abc")]
    [InlineData("host.example/a/../b")]
    [InlineData("https://host.example/a")]
    [InlineData("a:")]
    [InlineData("host.example/a?x")]
    public void What_is_no_reference_is_refused(string text) => Assert.False(ImageName.TryParse(text, out _));
}

/// <summary>A registry on loopback that answers as a test wants.</summary>
internal sealed class FakeRegistry(WebApplication app) : IAsyncDisposable
{
    public string Authority => new Uri(app.Urls.Single()).Authority;

    public static async Task<FakeRegistry> StartAsync(Func<HttpContext, string, Task> answer, int port = 0)
    {
        var app = WebApplication.Create([$"--urls=http://127.0.0.1:{port}", "--Logging:LogLevel:Default=Error"]);
        app.Run(context => answer(context, $"http://{context.Request.Host}/"));
        await app.StartAsync();
        return new FakeRegistry(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
