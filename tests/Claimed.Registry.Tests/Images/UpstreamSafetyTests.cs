using System.Collections.Concurrent;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Where the password of an upstream goes, and where it never does.</summary>
[Trait("Database", "any")]
public sealed class UpstreamSafetyTests : IAsyncLifetime
{
    private const string Password = "kept-to-itself";

    private static readonly string Account = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"robot:{Password}"));

    private readonly string _file = Path.GetTempFileName();
    private readonly ConcurrentQueue<string> _seenElsewhere = new();
    private FakeRegistry _elsewhere = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_file, Password);
        // Challenges whoever comes, and gives a pass to everyone.
        _elsewhere = await FakeRegistry.StartAsync(async (context, address) =>
        {
            _seenElsewhere.Enqueue(context.Request.Headers.Authorization.ToString());
            if (context.Request.Path == "/pass")
                await context.Response.WriteAsJsonAsync(new { token = "pass-from-elsewhere" });
            else
                Challenge(context, "Basic realm=\"elsewhere\"", $"Bearer realm=\"{address}pass\",service=\"elsewhere\"");
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _elsewhere.DisposeAsync();
        File.Delete(_file);
    }

    private static void Challenge(HttpContext context, params string[] challenges)
    {
        context.Response.StatusCode = 401;
        context.Response.Headers.WWWAuthenticate = challenges;
    }

    private static void Redirect(HttpContext context, string location)
    {
        context.Response.StatusCode = 307;
        context.Response.Headers.Location = location;
    }

    /// <summary>Publishes an image of the upstream.</summary>
    private async Task<Answer> PublishAsync(FakeRegistry upstream, string? tokenHost, bool allowPrivate)
    {
        var settings = new Dictionary<string, string>
        {
            ["Images:AllowPrivateHosts"] = allowPrivate ? "true" : "false",
            ["Images:Upstreams:0:Host"] = upstream.Authority,
            ["Images:Upstreams:0:Username"] = "robot",
            ["Images:Upstreams:0:PasswordFile"] = _file,
            ["Images:Upstreams:0:Namespaces:0"] = "*",
        };
        if (tokenHost is not null)
            settings["Images:Upstreams:0:TokenHost"] = tokenHost;
        await using var host = await RegistryHost.StartAsync(settings);
        var answer = await host.PublishAsync("acme", "tool", null, ("component.yaml", Samples.ExistingImage(image: $"{upstream.Authority}/team/tool:1")));
        Assert.DoesNotContain(Password, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Account["Basic ".Length..], answer.Text, StringComparison.Ordinal);
        return answer;
    }

    /// <summary>What the finding about the image says; null when it was pinned.</summary>
    private async Task<string?> WhyNotPinnedAsync(FakeRegistry upstream, string? tokenHost = null, bool allowPrivate = true)
    {
        var answer = await PublishAsync(upstream, tokenHost, allowPrivate);
        return answer["pinned"] == "true" ? null : answer.Json.GetProperty("findings").EnumerateArray()
            .Single(finding => finding.GetProperty("code").GetString() == "image-not-pinned").GetProperty("message").GetString();
    }

    [Fact]
    public async Task The_password_is_sent_only_once_it_is_asked_for()
    {
        var seen = new ConcurrentQueue<string>();
        await using var open = await FakeRegistry.StartAsync((context, _) =>
        {
            seen.Enqueue(context.Request.Headers.Authorization.ToString());
            context.Response.Headers["Docker-Content-Digest"] = Digest.Of("x");
            return Task.CompletedTask;
        });
        Assert.Null(await WhyNotPinnedAsync(open));
        Assert.Equal("", Assert.Single(seen));
    }

    [Fact]
    public async Task A_challenge_from_behind_a_redirect_gets_no_password()
    {
        await using var upstream = await FakeRegistry.StartAsync((context, _) =>
        {
            Redirect(context, $"http://{_elsewhere.Authority}/v2/team/tool/manifests/1");
            return Task.CompletedTask;
        });
        Assert.Contains("redirects to another host", await WhyNotPinnedAsync(upstream), StringComparison.Ordinal);
        Assert.Equal("", Assert.Single(_seenElsewhere));
    }

    [Theory]
    [InlineData("Basic realm=\"upstream\"")]
    [InlineData("Bearer realm=\"ADDRESSpass\",service=\"upstream\"")]
    public async Task A_redirect_after_the_challenge_takes_neither_password_nor_pass_along(string challenge)
    {
        await using var upstream = await FakeRegistry.StartAsync(async (context, address) =>
        {
            if (context.Request.Path == "/pass")
            {
                Assert.Equal(Account, context.Request.Headers.Authorization);
                await context.Response.WriteAsJsonAsync(new { token = "pass-of-upstream" });
            }
            else if (context.Request.Headers.Authorization.Count == 0)
                Challenge(context, challenge.Replace("ADDRESS", address, StringComparison.Ordinal));
            else
                Redirect(context, $"http://{_elsewhere.Authority}/v2/team/tool/manifests/1");
        });
        await PublishAsync(upstream, tokenHost: null, allowPrivate: true);
        Assert.Equal("", Assert.Single(_seenElsewhere));
    }

    [Fact]
    public async Task A_token_service_that_redirects_takes_no_password_along()
    {
        await using var upstream = await FakeRegistry.StartAsync((context, address) =>
        {
            if (context.Request.Path == "/pass")
                Redirect(context, $"http://{_elsewhere.Authority}/pass");
            else
                Challenge(context, $"Bearer realm=\"{address}pass\"");
            return Task.CompletedTask;
        });
        await PublishAsync(upstream, tokenHost: null, allowPrivate: true);
        Assert.Equal("", Assert.Single(_seenElsewhere));
    }

    [Fact]
    public async Task A_token_service_elsewhere_gets_the_password_when_the_operator_says_so()
    {
        await using var upstream = await FakeRegistry.StartAsync((context, _) =>
        {
            if (context.Request.Headers.Authorization == "Bearer pass-from-elsewhere")
                context.Response.Headers["Docker-Content-Digest"] = Digest.Of("x");
            else
                Challenge(context, $"Bearer realm=\"http://{_elsewhere.Authority}/pass\"");
            return Task.CompletedTask;
        });
        Assert.Contains($"sent to {_elsewhere.Authority}", await WhyNotPinnedAsync(upstream), StringComparison.Ordinal);
        Assert.Empty(_seenElsewhere);
        Assert.Null(await WhyNotPinnedAsync(upstream, tokenHost: _elsewhere.Authority, allowPrivate: false));
        Assert.Equal(Account, Assert.Single(_seenElsewhere));
    }

    [Fact]
    public async Task An_upstream_leads_to_no_other_private_address()
    {
        await using var upstream = await FakeRegistry.StartAsync((context, _) =>
        {
            Redirect(context, $"http://{_elsewhere.Authority}/v2/");
            return Task.CompletedTask;
        });
        Assert.Contains("no public address", await WhyNotPinnedAsync(upstream, allowPrivate: false), StringComparison.Ordinal);
        Assert.Empty(_seenElsewhere);
    }

    [Theory]
    [InlineData(500, "500")]
    [InlineData(401, "refused the credentials")]
    [InlineData(403, "refused the credentials")]
    [InlineData(200, "gave none")]
    public async Task What_a_token_service_answers_is_said(int status, string words)
    {
        await using var upstream = await FakeRegistry.StartAsync(async (context, address) =>
        {
            if (context.Request.Path != "/pass")
                Challenge(context, $"Bearer realm=\"{address}pass\"");
            else if ((context.Response.StatusCode = status) == 200)
                await context.Response.WriteAsJsonAsync(new { token = $"{Password}\r\nX: y" });
        });
        Assert.Contains(words, await WhyNotPinnedAsync(upstream), StringComparison.Ordinal);
    }

    [Fact]
    public void Docker_Hub_has_its_token_service_and_nobody_elses_does()
    {
        var hub = new Upstream(new UpstreamOptions { Host = "docker.io" });
        Assert.Equal("https://registry-1.docker.io/", hub.Address.AbsoluteUri);
        Assert.True(hub.Trusts(new Uri("https://auth.docker.io/token")));
        Assert.False(hub.Trusts(new Uri("http://auth.docker.io/token")));
        Assert.False(hub.Trusts(new Uri("https://auth.docker.io:8443/token")));
        Assert.False(hub.Trusts(new Uri("https://auth.docker.io.example.org/token")));
        Assert.False(hub.Trusts(new Uri("https://auth.docker.io@example.org/token")));
        Assert.False(new Upstream(new UpstreamOptions { Host = "harbor.example.org" }).Trusts(new Uri("https://auth.docker.io/token")));
        Assert.True(new Upstream(new UpstreamOptions { Host = "harbor.example.org" }).Trusts(new Uri("https://harbor.example.org/service/token")));
    }

    [Theory]
    [InlineData("Host=https://harbor.example.org", "Host is \"https://harbor.example.org\"")]
    [InlineData("Host=harbor", "Host is \"harbor\"")]
    [InlineData("Host=harbor.example.org/team", "give host and port alone")]
    [InlineData("Host=index.docker.io", "Docker Hub is docker.io")]
    [InlineData("Host=registry-1.docker.io", "Docker Hub is docker.io")]
    [InlineData("Host=", "give host and port alone")]
    [InlineData("Host=own.example.org", "this registry itself")]
    [InlineData("Host=harbor.example.org;again=Harbor.example.org", "each host stands once")]
    [InlineData("Username=", "Username is missing")]
    [InlineData("Username=a:b", "colon")]
    [InlineData("PasswordFile=", "PasswordFile is missing")]
    [InlineData("PasswordFile=/no/such/file", "/no/such/file, which is not there")]
    [InlineData("PasswordFile=/dev/null", "/dev/null, which is empty")]
    [InlineData("PasswordFile=/etc/passwd", "more than one line")]
    [InlineData("TokenHost=https://x", "TokenHost is \"https://x\"")]
    [InlineData("Username=;PasswordFile=;TokenHost=x.example.org", "TokenHost is of no use")]
    [InlineData("Namespaces=", "Namespaces is missing")]
    [InlineData("Namespaces=ML", "Namespaces has \"ML\"")]
    [InlineData("Repositories=harbor.example.org/team:1", "without host and tag")]
    public void What_is_wrong_is_said_at_start(string change, string words)
    {
        var given = new Dictionary<string, string> { ["Host"] = "harbor.example.org", ["Username"] = "robot", ["PasswordFile"] = _file, ["Namespaces"] = "*" };
        foreach (var pair in change.Split(';').Select(pair => pair.Split('=', 2)))
            given[pair[0]] = pair[1];
        string? Of(string name) => given.GetValueOrDefault(name);
        IReadOnlyList<string> ListOf(string name) => Of(name) is { Length: > 0 } one ? [one] : [];
        var options = new UpstreamOptions
        {
            Host = Of("Host")!,
            Username = Of("Username"),
            PasswordFile = Of("PasswordFile"),
            TokenHost = Of("TokenHost"),
            Namespaces = ListOf("Namespaces"),
            Repositories = ListOf("Repositories"),
        };
        UpstreamOptions[] upstreams = Of("again") is { } again ? [options, options with { Host = again }] : [options];
        var result = new UpstreamOptionsCheck().Validate(null, new ImageOptions { PublicHost = "own.example.org", Upstreams = upstreams });
        Assert.Contains(words, result.FailureMessage, StringComparison.Ordinal);
        Assert.StartsWith("Images__Upstreams__", result.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_with_a_wrong_entry_does_not_start()
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => RegistryHost.StartAsync(new Dictionary<string, string>
        {
            ["Images:Upstreams:0:Host"] = "harbor.example.org",
            ["Images:Upstreams:0:Username"] = "robot",
            ["Images:Upstreams:0:Namespaces:0"] = "*",
        }));
        Assert.Contains("Images__Upstreams__0__PasswordFile is missing", fault.Message, StringComparison.Ordinal);
    }
}
