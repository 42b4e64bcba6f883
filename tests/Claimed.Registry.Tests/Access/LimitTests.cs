using System.Net;
using Claimed.Registry.Access.Limits;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

[Trait("Database", "any")]
public sealed class LimitTests
{
    [Fact]
    public async Task Writes_above_the_limit_are_refused_with_when_to_come_back_and_others_go_on()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Limits:Writes"] = "40" });
        await host.CreateNamespaceAsync("limited", isPrivate: false, ("lea", "publisher"), ("lou", "publisher"));
        using var lea = host.With(await host.TokenAsync("lea"));
        using var lou = host.With(await host.TokenAsync("lou"));
        var answers = new List<Answer>();
        for (var write = 0; write < 100; write++)
            answers.Add(await lea.JsonAsync(HttpMethod.Patch, "/api/v1/components/limited/none", new { }));
        // A window may have ended meanwhile; two hold at most twice the limit.
        Assert.Equal(HttpStatusCode.NotFound, answers[0].Status);
        Assert.Equal("40", answers[0].Message.Headers.GetValues("RateLimit-Limit").Single());
        var refused = answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests).ToList();
        Assert.InRange(refused.Count, 20, 60);
        Assert.All(refused, answer => Assert.Equal("too-many-requests", answer["type"]));
        Assert.InRange(refused[0].Message.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.NotFound, (await lou.JsonAsync(HttpMethod.Patch, "/api/v1/components/limited/none", new { })).Status);
        Assert.Equal(HttpStatusCode.OK, (await lea.SendAsync(HttpMethod.Get, "/api/v1/components")).Status);
        if (refused[^1] == answers[^1])
            Assert.Contains("TOOMANYREQUESTS", (await lea.SendAsync(HttpMethod.Post, "/v2/limited/image/blobs/uploads/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_tokens_is_slowed_for_the_address_that_does_and_not_for_valid_ones()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Limits:UnknownTokens"] = "5" });
        using var guess = host.With("clmt_guess");
        var answers = new List<HttpStatusCode>();
        for (var turn = 0; turn < 20; turn++)
            answers.Add((await guess.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
        Assert.Contains(HttpStatusCode.Unauthorized, answers);
        Assert.InRange(answers.Count(status => status == HttpStatusCode.TooManyRequests), 10, 15);
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
    }

    [Fact]
    public async Task Old_tokens_on_what_everyone_may_read_are_no_guesses()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Limits:UnknownTokens"] = "5", ["Limits:AnonymousWrites"] = "100" });
        await host.PublishReadyAsync("acme", "tool", "1.0.0");
        for (var person = 0; person < 50; person++)
        {
            using var stale = host.With($"clmt_old{person}");
            foreach (var path in new[] { "/api/v1/components/acme/tool", "/catalogs/elyra/acme/catalog.json", "/components/acme/tool", "/api/v1/events?after=0" })
                Assert.Equal(HttpStatusCode.OK, (await stale.SendAsync(HttpMethod.Get, path)).Status);
            Assert.Equal(HttpStatusCode.OK, (await stale.SendAsync(HttpMethod.Post, "/api/v1/components/acme/validate", new Multipart().Source("component.yaml", Samples.ExistingImage("x")).ToContent())).Status);
        }
        using var guess = host.With("clmt_guess");
        Assert.Equal(HttpStatusCode.Unauthorized, (await guess.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
    }

    [Fact]
    public async Task Whoever_makes_more_tokens_has_no_more_writes()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Limits:Writes"] = "20" });
        await host.CreateNamespaceAsync("shared", isPrivate: false, ("lea", "owner"));
        var (hers, robots) = (new List<string>(), new List<string>());
        for (var count = 0; count < 4; count++)
        {
            hers.Add(await host.TokenAsync("lea"));
            robots.Add(await host.NamespaceTokenAsync(count % 2 == 0 ? "shared/*" : "shared/tool", "publish"));
        }
        // A window may end meanwhile; each token alone would have its own twenty.
        Assert.InRange(await WrittenAsync(hers), 20, 40);
        Assert.InRange(await WrittenAsync(robots), 20, 40);

        async Task<int> WrittenAsync(IEnumerable<string> tokens)
        {
            var written = 0;
            foreach (var token in tokens)
            {
                using var client = host.With(token);
                for (var write = 0; write < 20; write++)
                    written += (await client.SendAsync(HttpMethod.Delete, "/api/v1/tokens/999999")).Status == HttpStatusCode.NotFound ? 1 : 0;
            }
            return written;
        }
    }

    [Fact]
    public void Addresses_of_one_network_of_IPv6_are_one()
    {
        Assert.Equal(AddressKey.Of(IPAddress.Parse("2001:db8:1:2::1")), AddressKey.Of(IPAddress.Parse("2001:db8:1:2:ffff:ffff:ffff:ffff")));
        Assert.NotEqual(AddressKey.Of(IPAddress.Parse("2001:db8:1:2::1")), AddressKey.Of(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.Equal("192.0.2.7", AddressKey.Of(IPAddress.Parse("::ffff:192.0.2.7")));
        Assert.NotEqual(AddressKey.Of(IPAddress.Parse("192.0.2.7")), AddressKey.Of(IPAddress.Parse("192.0.2.8")));
    }

    [Fact]
    public async Task Reads_are_limited_only_where_the_option_says_so_and_probes_never()
    {
        await using var free = await RegistryHost.StartAsync();
        await free.PublishReadyAsync("acme", "tool", "1.0.0");
        for (var read = 0; read < 300; read++)
            Assert.Equal(HttpStatusCode.OK, (await free.ComponentAsync("acme/tool")).Status);
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Limits:Reads"] = "10" });
        var answers = new List<HttpStatusCode>();
        for (var read = 0; read < 30; read++)
            answers.Add((await host.ComponentAsync("")).Status);
        Assert.InRange(answers.Count(status => status == HttpStatusCode.OK), 10, 20);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/health/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.SendAsync(HttpMethod.Get, "/api/v1/components")).Status);
    }
}
