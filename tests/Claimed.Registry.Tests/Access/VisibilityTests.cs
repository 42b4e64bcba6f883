using System.Net;
using Claimed.Registry.Http;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>What is private is, for who may not see it, not there: nowhere, and from no cache.</summary>
public sealed class VisibilityTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_namespace_that_becomes_private_is_gone_from_kept_answers_at_once_and_back_when_it_is_public()
    {
        await _host.CreateNamespaceAsync("turns");
        await _host.PublishReadyAsync("turns", "tool", "1.0.0");
        string[] paths = ["/api/v1/components/turns/tool", "/api/v1/components/turns/tool/versions/1.0.0/component.yaml", "/catalogs/elyra/turns/catalog.json", "/components/turns/tool", "/api/v1/namespaces/turns"];
        for (var turn = 0; turn < 3; turn++)
        {
            foreach (var path in paths)
            {
                Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(path)).Status);
                Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(path)).Status);
            }
            Assert.Contains("turns/tool", (await _host.ComponentAsync("?limit=200")).Text, StringComparison.Ordinal);
            await SetAsync("turns", "private");
            foreach (var path in paths)
                Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync(path)).Status);
            Assert.DoesNotContain("turns/tool", (await _host.ComponentAsync("?limit=200")).Text, StringComparison.Ordinal);
            await SetAsync("turns", "public");
        }
    }

    [Fact]
    public async Task What_is_hidden_is_answered_word_for_word_as_what_is_not_there()
    {
        await _host.CreateNamespaceAsync("hidden", isPrivate: true);
        await _host.PublishReadyAsync("hidden", "tool", "1.0.0");
        using var stranger = _host.With(await _host.NamespaceTokenAsync("elsewhere/*", "pull publish manage"));
        foreach (var client in new[] { _host.Anonymous, stranger })
        {
            foreach (var path in new[] { "components/{0}/tool", "components/{0}/tool/versions", "components/{0}/tool/versions/1.0.0", "components/{0}/tool/versions/1.0.0/component.yaml", "components/{0}/tool/channels", "namespaces/{0}" })
                Assert.Equal(await WordsAsync(client, path, "hidden"), await WordsAsync(client, path, "absent"));
        }

        async Task<string> WordsAsync(HttpClient client, string path, string space)
        {
            var answer = await client.SendAsync(HttpMethod.Get, "/api/v1/" + path.Replace("{0}", space, StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
            return System.Text.RegularExpressions.Regex.Replace(answer.Text.Replace(space, "SPACE", StringComparison.Ordinal), "\"traceId\":\"[^\"]*\"", "");
        }
    }

    [Fact]
    public async Task Readers_who_see_the_same_share_kept_answers_that_no_cache_on_the_way_may_keep_for_others()
    {
        await _host.CreateNamespaceAsync("shared", isPrivate: true, ("nora", "reader"), ("noel", "reader"));
        await _host.PublishReadyAsync("shared", "tool", "1.0.0");
        using var nora = _host.With(await _host.TokenAsync("nora"));
        using var noel = _host.With(await _host.TokenAsync("noel"));
        var cache = _host.Services.GetRequiredService<ReadCache>();
        var first = await nora.SendAsync(HttpMethod.Get, "/api/v1/components/shared/tool");
        var kept = cache.Bytes;
        var second = await noel.SendAsync(HttpMethod.Get, "/api/v1/components/shared/tool");
        Assert.Equal((HttpStatusCode.OK, first.Text), (second.Status, second.Text));
        Assert.Equal(kept, cache.Bytes);
        Assert.All([first, second], answer => Assert.True(answer.Message.Headers.CacheControl!.Private));
        var form = await noel.SendAsync(HttpMethod.Get, $"/api/v1/components/shared/tool/versions/1.0.0/component.yaml");
        var pinned = await noel.SendAsync(HttpMethod.Get, $"/api/v1/components/shared/tool/versions/{form.ETag!.Trim('"')}/component.yaml");
        Assert.Equal((HttpStatusCode.OK, true, false), (pinned.Status, pinned.Message.Headers.CacheControl!.Private, pinned.Message.Headers.CacheControl.Public));
    }

    [Fact]
    public async Task Events_builds_digests_and_lists_show_what_the_caller_sees()
    {
        await _host.CreateNamespaceAsync("inner", isPrivate: true, ("ines", "reader"));
        var version = await _host.PublishReadyAsync("inner", "tool", "1.0.0", "inner word");
        var build = (await _host.PublishAsync("inner", "script", "1.0.0", ("script.py", "print(2)")))["build.id"];
        using var ines = _host.With(await _host.TokenAsync("ines"));
        foreach (var path in new[] { "/api/v1/components?limit=200", "/api/v1/namespaces?limit=200", "/api/v1/builds?limit=200", "/", "/api/v1/events?limit=500" })
        {
            Assert.DoesNotContain("inner", (await _host.GetAsync(path)).Text, StringComparison.Ordinal);
            Assert.Contains("inner", (await ines.SendAsync(HttpMethod.Get, path)).Text, StringComparison.Ordinal);
        }
        foreach (var path in new[] { $"/api/v1/builds/{build}", $"/api/v1/builds/{build}/log", $"/api/v1/digests/{version["bundleDigest"]}" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync(path)).Status);
            Assert.Equal(HttpStatusCode.OK, (await ines.SendAsync(HttpMethod.Get, path)).Status);
        }
        Assert.DoesNotContain("access.", (await ines.SendAsync(HttpMethod.Get, "/api/v1/events?limit=500")).Text, StringComparison.Ordinal);
        Assert.Contains("access.token-created", (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/events?limit=500")).Text, StringComparison.Ordinal);
    }

    private async Task SetAsync(string space, string visibility) =>
        Assert.Equal(visibility, (await _host.Admin.JsonAsync(HttpMethod.Patch, $"/api/v1/namespaces/{space}", new { visibility }))["visibility"]);
}
