using System.Net;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Words;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Rules of a namespace about its tags; the registry's clock goes on between pushes.</summary>
public sealed class TagRuleTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private readonly ImageHost _images;

    public TagRuleTests() => _images = new ImageHost { Adjust = builder => builder.Services.AddSingleton<TimeProvider>(_clock) };

    private RegistryHost Host => _images.Registry;

    public ValueTask InitializeAsync() => _images.InitializeAsync();

    public ValueTask DisposeAsync() => _images.DisposeAsync();

    [Fact]
    public async Task An_immutable_tag_is_neither_moved_nor_deleted()
    {
        var digest = await _images.PushImageAsync("acme/tool", "v1", "one");
        await RulesAsync("""{"immutableTags": ["v*", "??.??"]}""");
        var other = await _images.ManifestAsync("acme/tool", "two");
        await ImageHost.AssertErrorAsync(await _images.PutManifestAsync("acme/tool", "v1", other), HttpStatusCode.Conflict, "DENIED");
        await ImageHost.AssertErrorAsync(await _images.PutManifestAsync("acme/tool", $"{Digest.Of(other)}?tag=free&tag=v1", other), HttpStatusCode.Conflict, "DENIED");
        Assert.Equal(HttpStatusCode.NotFound, (await _images.Anonymous.GetAsync("/v2/acme/tool/manifests/free")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _images.Anonymous.GetAsync($"/v2/acme/tool/manifests/{Digest.Of(other)}")).StatusCode);
        await ImageHost.AssertErrorAsync(await _images.Admin.DeleteAsync("/v2/acme/tool/manifests/v1"), HttpStatusCode.Conflict, "DENIED");
        await ImageHost.AssertErrorAsync(await _images.Admin.DeleteAsync($"/v2/acme/tool/manifests/{digest}"), HttpStatusCode.Conflict, "DENIED");
        // The same again, a new one, and one that no pattern matches.
        Assert.Equal(digest, await _images.PushImageAsync("acme/tool", "v1", "one"));
        foreach (var tag in new[] { "v2", "24.04", "edge", "124.04" })
            await _images.PushImageAsync("acme/tool", tag, "two");
        foreach (var (tag, isFree) in new[] { ("v2", false), ("24.04", false), ("edge", true), ("124.04", true) })
            Assert.Equal(isFree ? HttpStatusCode.Created : HttpStatusCode.Conflict, (await _images.PutManifestAsync("acme/tool", tag, await _images.ManifestAsync("acme/tool", "three"))).StatusCode);
        await RulesAsync("""{"immutableTags": null}""");
        Assert.Equal(HttpStatusCode.Accepted, (await _images.Admin.DeleteAsync("/v2/acme/tool/manifests/v1")).StatusCode);
    }

    [Fact]
    public async Task The_registry_moves_its_own_tags_whatever_the_rule()
    {
        await RulesAsync("""{"immutableTags": ["*"]}""");
        using var engine = new PretendEngine(1);
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true" },
            adjust: builder => builder.Services.AddSingleton<Claimed.Registry.Builds.IImageBuilder>(engine));
        await host.CreateNamespaceAsync("acme");
        await host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", Changes.Json("""{"immutableTags": ["*"], "retention": [{"keepLast": 1}]}"""));
        foreach (var number in new[] { "1.0.0", "1.1.0" })
        {
            await host.PublishAsync("acme", "step", number, ("step.py", Samples.Script(number)));
            Assert.Equal("ready", (await host.UntilAsync($"/api/v1/components/acme/step/versions/{number}", answer => answer["state"] is "failed" or "ready"))["state"]);
        }
        await host.Services.GetRequiredService<GarbageCollection>().RunAsync(TimeSpan.FromSeconds(-1), countOnly: false, CancellationToken.None);
        Assert.Equal(["1.0.0", "1.1.0", "latest"], await host.TagsAsync("acme/step"));
    }

    [Fact]
    public async Task A_tag_that_rules_cover_goes_once_none_of_them_keeps_it()
    {
        foreach (var number in Enumerable.Range(1, 5))
        {
            await _images.PushImageAsync("acme/tool", $"pr-{number}", $"preview {number}");
            await _clock.PassAsync(TimeSpan.FromDays(10), Host);
        }
        await _images.PushImageAsync("acme/tool", "v1", "released");
        await _images.PushImageAsync("acme/other", "pr-1", "of another");
        // Pushed 50, 40, 30, 20 and 10 days ago.
        await RulesAsync("""{"immutableTags": ["pr-2"], "retention": [{"repositories": "to?l", "tags": "pr-*", "keepLast": 2}, {"tags": "pr-*", "keepFor": "35d"}]}""");
        var preview = await _images.Admin.JsonAsync(HttpMethod.Post, "/api/v1/namespaces/acme/retention/preview");
        Assert.Equal(("2", "4"), (preview["removed"], preview["kept"]));
        Assert.Equal(["pr-1", "pr-2"], preview.Items.Select(item => item.GetProperty("tag").GetString()));
        Assert.Equal("acme/tool", preview.Items[0].GetProperty("repository").GetString());
        Assert.Equal("rule 1 keeps the last 2, and this is number 5; rule 2 keeps what was pushed within 35d", preview.Items[0].GetProperty("why").GetString());
        var other = await _images.Admin.SendAsync(HttpMethod.Post, "/api/v1/namespaces/acme/retention/preview", Changes.Json("""{"retention": [{"keepLast": 1}]}"""));
        Assert.Equal(("5", "2"), (other["removed"], other["kept"]));

        Assert.Equal(2, (await CollectAsync(countOnly: true)).Count("tags that retention"));
        Assert.Equal("""["pr-1","pr-2","pr-3","pr-4","pr-5","v1"]""", (await Host.GetAsync("/v2/acme/tool/tags/list"))["tags"]);
        var collected = await CollectAsync();
        Assert.Equal((2, 2), (collected.Count("tags that retention"), collected.Count("untagged manifests")));
        Assert.Equal("""["pr-3","pr-4","pr-5","v1"]""", (await Host.GetAsync("/v2/acme/tool/tags/list"))["tags"]);
        Assert.Equal("""["pr-1"]""", (await Host.GetAsync("/v2/acme/other/tags/list"))["tags"]);
        var told = (await Host.EventsAsync()).Where(entry => entry.GetProperty("kind").GetString() == "image.untagged").ToList();
        Assert.Equal(["pr-1", "pr-2"], told.Select(entry => entry.GetProperty("payload").GetProperty("tag").GetString()));
        Assert.StartsWith("retention: rule 1", told[0].GetProperty("payload").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await CollectAsync()).Count("tags that retention"));
        await RulesAsync("""{"retention": [{"tags": "pr-*", "keepLast": 1}]}""");
        Assert.Equal(2, (await WordRun.RunAsync(Host.DataPath, "gc", "--dry-run")).Count("tags that retention"));
        Assert.Equal("""["pr-3","pr-4","pr-5","v1"]""", (await Host.GetAsync("/v2/acme/tool/tags/list"))["tags"]);
    }

    [Fact]
    public async Task What_a_version_pins_and_the_tags_of_versions_and_channels_stay()
    {
        var digest = await _images.PushImageAsync("acme/base", "old", "base of a version");
        await _images.PushImageAsync("acme/base", "loose", "of nobody");
        var version = await Host.PublishAsync("acme", "pins", "1.0.0", ("component.yaml", Samples.ExistingImage("pins", $"{Host.Address.Authority}/acme/base:old")));
        Assert.Equal(digest, version["imageDigest"]);
        await _clock.PassAsync(TimeSpan.FromDays(100), Host);
        await RulesAsync("""{"retention": [{"keepFor": "1h"}]}""");
        await CollectAsync();
        Assert.Equal("""["old"]""", (await Host.GetAsync("/v2/acme/base/tags/list"))["tags"]);
    }

    [Theory]
    [InlineData("""{"retention": [{"tags": "pr-*"}]}""", "\"retention[0]\" keeps nothing")]
    [InlineData("""{"retention": [{"keepLast": 1}, {"keepLast": 0}]}""", "\"retention[1].keepLast\" is from 1")]
    [InlineData("""{"retention": [{"keepLast": -1}]}""", "\"retention[0].keepLast\"")]
    [InlineData("""{"retention": [{"keepLast": 99999999999}]}""", "\"retention[0].keepLast\"")]
    [InlineData("""{"retention": [{"keepFor": "30 days"}]}""", "\"retention[0].keepFor\" is a whole number and m, h, d or w")]
    [InlineData("""{"retention": [{"keepFor": "999999w"}]}""", "\"retention[0].keepFor\"")]
    [InlineData("""{"retention": [{"keepFor": "99999999999999999999d"}]}""", "\"retention[0].keepFor\"")]
    [InlineData("""{"retention": [{"keepFor": "-1d"}]}""", "\"retention[0].keepFor\"")]
    [InlineData("""{"retention": [{"keepFor": "59m"}]}""", "\"retention[0].keepFor\"")]
    [InlineData("""{"retention": [{"keepFor": 30}]}""", "\"retention[0].keepFor\"")]
    [InlineData("""{"retention": [{"tags": "a/b", "keepLast": 1}]}""", "\"retention[0].tags\" \"a/b\" matches no tag")]
    [InlineData("""{"retention": [{"repositories": "Tool", "keepLast": 1}]}""", "\"retention[0].repositories\" \"Tool\" matches no repository")]
    [InlineData("""{"retention": [{"keepDays": 1}]}""", "\"retention[0].keepDays\" is not known")]
    [InlineData("""{"retention": ["x"]}""", "\"retention[0]\" is an object")]
    [InlineData("""{"retention": {}}""", "\"retention\" is a list")]
    [InlineData("""{"immutableTags": "v*"}""", "\"immutableTags\" is a list")]
    [InlineData("""{"immutableTags": [""]}""", "\"immutableTags\"")]
    [InlineData("""{"immutableTags": ["v[0-9]"]}""", "\"immutableTags\" \"v[0-9]\" matches no tag")]
    public async Task A_rule_that_makes_no_sense_is_refused_with_the_place_and_the_reason(string body, string words)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Patch, "/api/v1/namespaces/acme"), (HttpMethod.Post, "/api/v1/namespaces/acme/retention/preview") })
        {
            if (method == HttpMethod.Post && body.Contains("immutableTags", StringComparison.Ordinal))
                continue;
            var refused = await _images.Admin.SendAsync(method, path, Changes.Json(body));
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad-field"), (refused.Status, refused["type"]));
            Assert.Contains(words, refused["detail"], StringComparison.Ordinal);
        }
        Assert.Equal("[]", (await Host.GetAsync("/api/v1/namespaces/acme"))["retention"]);
    }

    [Fact]
    public async Task Long_patterns_and_many_rules_are_refused_and_many_stars_take_no_time()
    {
        foreach (var pattern in new[] { new string('a', 10_000), new string('*', 10_000), new string('a', 1500) })
            Assert.Equal("bad-field", (await _images.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", new { immutableTags = new[] { pattern } }))["type"]);
        Assert.Equal("bad-field", (await _images.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", new { immutableTags = Enumerable.Range(0, 51).Select(number => $"v{number}") }))["type"]);
        Assert.Equal("bad-field", (await _images.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", new { retention = Enumerable.Range(0, 51).Select(_ => new { keepLast = 1 }) }))["type"]);
        var stars = string.Concat(Enumerable.Repeat("*a", 60)) + "*b";
        await _images.PushImageAsync("acme/tool", new string('a', 128), "long");
        Assert.Equal(HttpStatusCode.OK, (await _images.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/acme",
            new { immutableTags = new[] { stars, "**" }, retention = new[] { new { repositories = "**", tags = stars, keepLast = 1 } } })).Status);
        await ImageHost.AssertErrorAsync(await _images.Admin.DeleteAsync($"/v2/acme/tool/manifests/{new string('a', 128)}"), HttpStatusCode.Conflict, "DENIED");
    }

    [Fact]
    public async Task Only_an_owner_looks_at_a_preview()
    {
        await Host.CreateNamespaceAsync("acme", members: [("ada", "owner"), ("bob", "publisher")]);
        using var owner = Host.With(await Host.TokenAsync("ada"));
        using var publisher = Host.With(await Host.TokenAsync("bob"));
        const string path = "/api/v1/namespaces/acme/retention/preview";
        Assert.Equal(HttpStatusCode.OK, (await owner.JsonAsync(HttpMethod.Post, path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await publisher.JsonAsync(HttpMethod.Post, path)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Host.Anonymous.JsonAsync(HttpMethod.Post, path)).Status);
    }

    private async Task RulesAsync(string body) => Assert.Equal(HttpStatusCode.OK, (await _images.Admin.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", Changes.Json(body))).Status);

    private async Task<IReadOnlyList<Collected>> CollectAsync(bool countOnly = false) =>
        (await Host.Services.GetRequiredService<GarbageCollection>().RunAsync(TimeSpan.FromSeconds(-1), countOnly, CancellationToken.None))!;
}
