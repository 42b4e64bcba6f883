using System.Globalization;
using System.Net;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds;
using Claimed.Registry.Http;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>The cache in front of everything may be noticed by a clock, and by nothing else.</summary>
[Trait("Database", "any")]
public sealed class ReadCacheTests
{
    private static readonly string[] Reads =
    [
        "/api/v1/components", "/api/v1/components?limit=1", "/api/v1/components/acme/greet", "/api/v1/components/acme/greet/versions",
        "/api/v1/components/acme/greet/versions/1.0.0", "/api/v1/components/acme/greet/versions/~1", "/api/v1/components/acme/greet/versions/latest/elyra.yaml",
        "/api/v1/components/acme/greet/versions/1.0.0/component.yaml", "/api/v1/components/acme/greet/versions/%5E1.0/operator.py",
        "/catalogs/elyra/acme/url-catalog.json?runtime=kfp",
    ];

    [Fact]
    public async Task Kept_and_fresh_answers_are_the_same_byte_for_byte_with_all_their_headers()
    {
        await using var host = await RegistryHost.StartAsync();
        await host.PublishReadyAsync("acme", "greet", "1.0.0");
        var cache = host.Services.GetRequiredService<ReadCache>();
        foreach (var path in Reads)
        {
            var fresh = await host.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, fresh.Status);
            Assert.True(cache.TryFind(path, out _), $"{path} is not kept");
            // What nobody has asked for before goes the whole way.
            var unknown = 0;
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                (string, string)[][] requests = [[], [("If-None-Match", fresh.ETag!)], [("If-None-Match", $"\"other\", W/{fresh.ETag}")], [("If-None-Match", "*")], [("If-None-Match", "\"other\"")]];
                foreach (var headers in requests)
                    Assert.Equal(Said(await host.Anonymous.SendAsync(method, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}unknown={unknown++}", null, headers)), Said(await host.Anonymous.SendAsync(method, path, null, headers)));
            }
            Assert.Equal(HttpStatusCode.NotModified, (await host.GetAsync(path, ("If-None-Match", fresh.ETag!))).Status);
        }
    }

    [Fact]
    public async Task A_publisher_who_got_an_answer_reads_nothing_older_from_the_cache()
    {
        await using var host = await RegistryHost.StartAsync();
        for (var minor = 0; minor < 20; minor++)
        {
            var number = string.Create(CultureInfo.InvariantCulture, $"1.{minor}.0");
            await host.PublishReadyAsync("acme", "greet", number, $"word{minor}");
            // Twice: the first read fills the cache, the second is served from it.
            for (var read = 0; read < 2; read++)
            {
                Assert.Equal(number, (await host.ComponentAsync("acme/greet/versions/~1"))["version"]);
                Assert.Equal(number, (await host.ComponentAsync("acme/greet"))["version"]);
                Assert.Equal(number, (await host.ComponentAsync("")).Items.Single().GetProperty("version").GetString());
                Assert.Contains($"word{minor}", (await host.ComponentAsync("acme/greet/versions/latest/component.yaml")).Text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Publishing_one_component_keeps_the_answers_about_others()
    {
        await using var host = await RegistryHost.StartAsync();
        await host.PublishReadyAsync("acme", "greet", "1.0.0");
        await host.PublishReadyAsync("acme", "leave", "1.0.0");
        await host.ComponentAsync("acme/greet");
        await host.ComponentAsync("acme/leave");
        await host.PublishReadyAsync("acme", "leave", "1.1.0", "other");
        var cache = host.Services.GetRequiredService<ReadCache>();
        Assert.True(cache.TryFind("/api/v1/components/acme/greet", out _));
        Assert.False(cache.TryFind("/api/v1/components/acme/leave", out _));
    }

    [Fact]
    public async Task Why_a_build_waits_is_asked_anew_each_time()
    {
        await using var host = await RegistryHost.StartAsync(adjust: RegistryHost.Without<QueueWatch>);
        await host.SeedAsync(new SeedVersion { State = VersionState.Queued, BuildState = BuildState.Queued });
        var notices = host.Services.GetRequiredService<Notices>();
        foreach (var reason in new[] { "the engine sleeps", "the engine is away" })
        {
            notices.BuildsWait = reason;
            Assert.Equal(reason, (await host.ComponentAsync("acme/filter/versions/1.0.0"))["build.reason"]);
            Assert.Contains(reason, (await host.ComponentAsync("acme/filter/versions")).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_hundred_thousand_different_urls_stay_within_the_bound()
    {
        const long bound = 2 * 1024 * 1024;
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["ReadCache:MaxBytes"] = $"{bound}" });
        await host.PublishReadyAsync("acme", "greet", "1.0.0");
        var cache = host.Services.GetRequiredService<ReadCache>();
        await host.ComponentAsync("acme/greet");
        Assert.True(cache.TryFind("/api/v1/components/acme/greet", out var answer));
        for (var number = 0; number < 100_000; number++)
        {
            cache.Keep($"/api/v1/components/acme/greet?{number}", answer);
            Assert.InRange(cache.Bytes, 1, bound + answer.OwnBytes + 4096);
        }
        // And through HTTP: what is asked for all the time survives the flood.
        for (var number = 0; number < 500; number++)
        {
            await host.ComponentAsync($"acme/greet?again={number}");
            await host.ComponentAsync("acme/greet");
        }
        Assert.InRange(cache.Bytes, 1, bound + 64 * 1024);
        Assert.True(cache.TryFind("/api/v1/components/acme/greet", out _));
    }

    [Fact]
    public async Task Refusals_and_what_a_wrong_token_asks_for_are_not_kept()
    {
        await using var host = await RegistryHost.StartAsync();
        await host.PublishReadyAsync("acme", "greet", "1.0.0");
        var before = host.Services.GetRequiredService<ReadCache>().Bytes;
        foreach (var junk in new[] { "/nowhere", "/api/v1/components/acme/none", "/api/v1/components/acme/greet/versions/9.9.9", "/api/v1/components?limit=x", "/api/v1/events", "/api/v1/builds" })
            await host.GetAsync(junk);
        using var wrong = host.With("clmt_wrong");
        Assert.Equal(HttpStatusCode.OK, (await wrong.SendAsync(HttpMethod.Get, "/api/v1/components/acme/greet")).Status);
        Assert.Equal(before, host.Services.GetRequiredService<ReadCache>().Bytes);
    }

    private static string Said(Answer answer)
    {
        var headers = answer.Message.Headers.Concat(answer.Message.Content.Headers).Where(header => header.Key != "Date")
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal);
        return $"{answer.Status}\n{string.Join('\n', headers)}\n\n{Convert.ToHexString(answer.Bytes)}";
    }
}
