using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

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
