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

    [Fact]
    public async Task Who_has_which_role_whom_is_trusted_and_who_owned_before_is_told_to_owners_alone()
    {
        await _host.CreateNamespaceAsync("staffed", isPrivate: false, ("otto", "owner"), ("rae", "reader"), ("gail", "publisher"));
        await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/namespaces/staffed/transfer", new { to = "otto" });
        await _host.Admin.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/staffed/members/user/gail");
        using var otto = _host.With(await _host.TokenAsync("otto"));
        using var narrow = _host.With(await _host.TokenAsync("otto", "pull"));
        using var rae = _host.With(await _host.TokenAsync("rae"));
        foreach (var client in new[] { _host.Anonymous, rae, narrow })
            Assert.Equal(["namespace.created"], await KindsAsync(client, "staffed"));
        string[] all = ["namespace.created", "namespace.member-set", "namespace.member-set", "namespace.member-set", "namespace.transferred", "namespace.member-removed"];
        Assert.Equal(all, await KindsAsync(otto, "staffed"));
        Assert.Equal(all, await KindsAsync(_host.Admin, "staffed"));

        var serial = (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/events?limit=500"))["next"];
        var (waiting, owner) = (_host.GetAsync($"/api/v1/events?after={serial}&wait=30"), otto.SendAsync(HttpMethod.Get, $"/api/v1/events?after={serial}&wait=30"));
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/staffed/members/user/gail", new { role = "reader" });
        Assert.Empty((await waiting).Items);
        Assert.Single((await owner).Items);
    }

    [Fact]
    public async Task What_a_namespace_was_that_is_gone_is_told_to_administrators_alone_and_not_to_the_next_of_its_name()
    {
        await _host.CreateNamespaceAsync("bygone", isPrivate: true, ("ulla", "owner"));
        await _host.CreateNamespaceAsync("bystander", isPrivate: false, ("bert", "owner"));
        using var bert = _host.With(await _host.TokenAsync("bert"));
        Assert.Equal(HttpStatusCode.NoContent, (await _host.Admin.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/bygone")).Status);
        foreach (var client in new[] { _host.Anonymous, bert })
            Assert.Empty(await KindsAsync(client, "bygone"));
        string[] gone = ["namespace.created", "namespace.changed", "namespace.member-set", "namespace.deleted"];
        Assert.Equal(gone, await KindsAsync(_host.Admin, "bygone"));
        await TestDatabase.ExecuteAsync(_host.DataPath, """UPDATE events SET "At" = "At" - 1000 WHERE "Subject" = 'bygone'""");
        await _host.CreateNamespaceAsync("bygone", isPrivate: false, ("bert", "owner"));
        Assert.Equal(["namespace.created"], await KindsAsync(_host.Anonymous, "bygone"));
        Assert.Equal(["namespace.created", "namespace.member-set"], await KindsAsync(bert, "bygone"));
    }

    [Fact]
    public async Task A_successor_that_the_caller_does_not_see_is_as_one_that_nobody_has_published()
    {
        await _host.CreateNamespaceAsync("unseen", isPrivate: true, ("lou", "reader"));
        await _host.CreateNamespaceAsync("following", isPrivate: false, ("lou", "publisher"), ("max", "publisher"));
        await _host.PublishReadyAsync("unseen", "tool", "1.0.0");
        await _host.PublishReadyAsync("following", "tool", "1.0.0");
        using var max = _host.With(await _host.TokenAsync("max"));
        using var lou = _host.With(await _host.TokenAsync("lou"));
        foreach (var version in new[] { "", "@1.0.0" })
        {
            var (hidden, absent) = (await DeprecateAsync(max, "unseen/tool" + version), await DeprecateAsync(max, "unseen/none" + version));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, hidden.Status);
            Assert.Equal(absent["detail"], hidden["detail"]!.Replace("unseen/tool", "unseen/none", StringComparison.Ordinal));
            Assert.Equal("unseen/tool" + version, (await DeprecateAsync(lou, "unseen/tool" + version))["successor"]);
        }

        static Task<Answer> DeprecateAsync(HttpClient client, string successor) =>
            client.JsonAsync(HttpMethod.Patch, "/api/v1/components/following/tool/versions/1.0.0", new { deprecated = true, successor });
    }

    private static async Task<List<string>> KindsAsync(HttpClient client, string subject) =>
        [.. (await client.SendAsync(HttpMethod.Get, "/api/v1/events?limit=500")).Items.Where(item => item.GetProperty("subject").GetString() == subject).Select(item => item.GetProperty("kind").GetString()!)];

    private async Task SetAsync(string space, string visibility) =>
        Assert.Equal(visibility, (await _host.Admin.JsonAsync(HttpMethod.Patch, $"/api/v1/namespaces/{space}", new { visibility }))["visibility"]);
}
