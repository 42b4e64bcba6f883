using System.Net;
using Claimed.Registry.Builds;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Words;
using Claimed.Registry.Versions;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Versions;

/// <summary>Pre-releases that go by themselves; the registry's clock goes on, and its own schedule never has the time to look.</summary>
public sealed class ExpiryTests : IAsyncLifetime
{
    private const string Preview = "1.1.0-rc.1";
    private readonly ShiftedClock _clock = new();
    private readonly PretendEngine _engine = new(1);
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true" }, adjust: builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_clock);
            builder.Services.AddSingleton<IImageBuilder>(_engine);
        });
        await _host.CreateNamespaceAsync("acme");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _engine.Dispose();
    }

    [Fact]
    public async Task A_preview_is_there_for_those_who_name_it_and_for_nobody_else()
    {
        await ReadyAsync("1.0.0", null, "stable");
        var preview = await ReadyAsync(Preview, "14d", channel: "next");
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromDays(14), DateTimeOffset.Parse(preview["expiresAt"]!), TimeSpan.FromMinutes(1));
        foreach (var reference in new[] { Preview, "next" })
            Assert.Equal(Preview, (await _host.ComponentAsync($"acme/tool/versions/{reference}"))["version"]);
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync($"acme/tool/versions/{Preview}/component.yaml")).Status);
        Assert.Equal("1.0.0", (await _host.ComponentAsync("acme/tool/versions/latest"))["version"]);
        Assert.Equal("1.0.0", (await _host.ComponentAsync("acme/tool"))["version"]);
        Assert.Equal("version-not-found", (await _host.ComponentAsync("acme/tool/versions/%3E=1.1.0-rc.0"))["type"]);
        Assert.Equal(["1.0.0"], await NumbersAsync(""));
        Assert.Equal([Preview, "1.0.0"], await NumbersAsync("?expiring=true"));
        Assert.DoesNotContain(Preview, (await _host.GetAsync("/components/acme/tool")).Text, StringComparison.Ordinal);
        Assert.Contains("This pre-release expires", (await _host.GetAsync($"/components/acme/tool?version={Preview}")).Text, StringComparison.Ordinal);

        await PublishAsync("only", "0.1.0-rc.1", "1h");
        Assert.DoesNotContain("acme/only", (await _host.GetAsync("/api/v1/components?namespace=acme")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("acme/only", (await _host.GetAsync("/")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("only", (await _host.GetAsync("/catalogs/elyra/acme/catalog.json?runtime=kfp")).Text, StringComparison.Ordinal);
        var latest = await _host.SetChannelAsync("acme/tool", "latest", Preview);
        Assert.Equal((HttpStatusCode.Conflict, "version-expires"), (latest.Status, latest["type"]));
    }

    [Fact]
    public async Task When_its_time_is_over_it_is_gone_before_anything_was_removed()
    {
        await ReadyAsync("1.0.0", null, "stable");
        var before = (await _host.GetAsync("/api/v1/namespaces/acme"))["usage"];
        var preview = await ReadyAsync(Preview, "12h", channel: "next");
        var form = await _host.ComponentAsync($"acme/tool/versions/{Preview}/component.yaml");
        string[] urls = [.. new[] { Preview, $"{Preview}/component.yaml", $"{Preview}/bundle", $"{form.ETag!.Trim('"')}/component.yaml" }.Select(path => $"/api/v1/components/acme/tool/versions/{path}"),
            $"/components/acme/tool?version={Preview}", "/api/v1/components/acme/tool/versions/next", $"/v2/acme/tool/manifests/{Preview}", $"/v2/acme/tool/manifests/{preview["imageDigest"]}", $"/v2/acme/tool/manifests/next",
            $"/api/v1/digests/{preview["imageDigest"]}"];
        foreach (var url in urls)
            Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(url)).Status);
        await _clock.PassAsync(TimeSpan.FromHours(12) - TimeSpan.FromMinutes(1), _host);
        await CollectAsync();
        foreach (var url in urls)
            Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(url)).Status);
        await _clock.PassAsync(TimeSpan.FromMinutes(2), _host);
        // The digest may be somebody else's by now, too; only the removal knows.
        var byDigest = $"/v2/acme/tool/manifests/{preview["imageDigest"]}";
        await AssertGoneAsync([.. urls.Where(url => url != byDigest)]);
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(byDigest)).Status);
        var same = await PublishAsync("tool", Preview, "12h");
        Assert.Equal((HttpStatusCode.Conflict, "version-exists"), (same.Status, same["type"]));

        Assert.Equal(1, (await CollectAsync(countOnly: true)).Count("pre-releases that have expired"));
        Assert.Equal(1, (await CollectAsync()).Count("pre-releases that have expired"));
        await AssertGoneAsync(urls);
        Assert.Equal(["1.0.0"], await NumbersAsync("?expiring=true&yanked=true"));
        Assert.Equal(["1.0.0", "latest"], await _host.TagsAsync("acme/tool"));
        Assert.Equal("channel-not-found", (await _host.ComponentAsync("acme/tool/channels/next"))["type"]);
        var blobs = _host.Services.GetRequiredService<IBlobStore>();
        Assert.Null(await blobs.FindAsync(preview["imageDigest"]!, CancellationToken.None));
        Assert.Null(await blobs.FindAsync(form.ETag!.Trim('"'), CancellationToken.None));
        Assert.Contains("version.expired", await _host.EventKindsAsync("acme/tool"));
        Assert.Equal(before, (await _host.GetAsync("/api/v1/namespaces/acme"))["usage"]);
        foreach (var word in new[] { "preview", "other" })
            Assert.Equal("version-exists", (await PublishAsync("tool", Preview, null, word))["type"]);
        Assert.Equal("ready", (await ReadyAsync("1.1.0-rc.2", null))["state"]);
        Assert.Equal("A title that stays", (await _host.ComponentAsync("acme/tool"))["displayName"]);
    }

    [Fact]
    public async Task An_image_that_somebody_gave_another_name_stays_under_that_name()
    {
        var preview = await ReadyAsync(Preview, "1h");
        var manifest = await _host.Anonymous.GetByteArrayAsync($"/v2/acme/tool/manifests/{Preview}");
        var put = await _host.Admin.SendAsync(HttpMethod.Put, "/v2/acme/tool/manifests/mine", Multipart.Content(manifest, Claimed.Registry.Images.MediaTypes.OciManifest));
        Assert.Equal(HttpStatusCode.Created, put.Status);
        await _clock.PassAsync(TimeSpan.FromHours(2), _host);
        Assert.Equal(manifest, (await _host.GetAsync($"/v2/acme/tool/manifests/{preview["imageDigest"]}")).Bytes);
        await CollectAsync();
        Assert.Equal(["mine"], await _host.TagsAsync("acme/tool"));
        Assert.Equal(manifest, (await _host.GetAsync($"/v2/acme/tool/manifests/{preview["imageDigest"]}")).Bytes);
    }

    [Fact]
    public async Task The_same_files_become_a_version_that_stays()
    {
        await PublishAsync("tool", Preview, "1h");
        var final = await PublishAsync("tool", "1.1.0", null);
        Assert.Equal((HttpStatusCode.Created, null), (final.Status, final["expiresAt"]));
        var chosen = await PublishAsync("other", "0.1.0-rc.1", "1h");
        var next = await PublishAsync("other", null, null);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created, null), (chosen.Status, next.Status, next["expiresAt"]));
        // Known files keep the time that was given first.
        var again = await PublishAsync("tool", Preview, "30d");
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.True(DateTimeOffset.Parse(again["expiresAt"]!) < _clock.GetUtcNow().AddHours(2));
    }

    [Fact]
    public async Task A_purge_before_its_time_says_the_administrator_s_reason()
    {
        await ReadyAsync(Preview, "1h");
        await _host.Admin.JsonAsync(HttpMethod.Post, $"/api/v1/components/acme/tool/versions/{Preview}/purge", new { reason = "Names a patient." });
        await _clock.PassAsync(TimeSpan.FromHours(2), _host);
        var gone = await _host.ComponentAsync($"acme/tool/versions/{Preview}");
        Assert.Equal((HttpStatusCode.Gone, "version-purged"), (gone.Status, gone["type"]));
        Assert.Equal(0, (await CollectAsync()).Count("pre-releases"));
    }

    [Theory]
    [InlineData("1.0.0", "14d", "pre-release")]
    [InlineData(null, "14d", "pre-release")]
    [InlineData(Preview, "soon", "duration")]
    [InlineData(Preview, "14", "duration")]
    [InlineData(Preview, "0d", "duration")]
    [InlineData(Preview, "59s", "duration")]
    [InlineData(Preview, "-1d", "duration")]
    [InlineData(Preview, "366d", "duration")]
    [InlineData(Preview, "999999w", "duration")]
    [InlineData(Preview, "99999999999999999999d", "duration")]
    [InlineData(Preview, "1d1h", "duration")]
    [InlineData(Preview, "١d", "duration")]
    public async Task A_time_that_makes_no_sense_is_refused_and_nothing_is_stored(string? number, string expires, string word)
    {
        var refused = await PublishAsync("tool", number, expires);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad-field"), (refused.Status, refused["type"]));
        Assert.Contains("\"expires\"", refused["detail"], StringComparison.Ordinal);
        Assert.Contains(word, refused["detail"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.ComponentAsync("acme/tool")).Status);
    }

    [Fact]
    public async Task One_that_still_waits_to_be_built_goes_with_its_build()
    {
        await using var host = await RegistryHost.StartAsync(adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));
        await host.CreateNamespaceAsync("acme");
        var queued = await host.PublishAsync("acme", "tool", Preview, new Multipart().Source("step.py", Samples.Script("waits")).Field("expires", "1h"));
        Assert.Equal("queued", queued["state"]);
        await _clock.PassAsync(TimeSpan.FromHours(2), host);
        Assert.Equal(1, (await host.Services.GetRequiredService<VersionExpiry>().CollectAsync(countOnly: false, CancellationToken.None)).Count);
        Assert.Equal("cancelled", (await host.GetAsync($"/api/v1/builds/{queued["build.id"]}"))["state"]);
        Assert.Equal("version-expired", (await host.ComponentAsync($"acme/tool/versions/{Preview}"))["type"]);
    }

    [Fact]
    public async Task Two_who_remove_it_at_once_remove_it_once()
    {
        await ReadyAsync(Preview, "1h");
        await _clock.PassAsync(TimeSpan.FromHours(2), _host);
        var counts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _host.Services.GetRequiredService<VersionExpiry>().CollectAsync(countOnly: false, CancellationToken.None)));
        Assert.Equal(1, counts.Sum(kind => kind.Count));
        Assert.Single(await _host.EventKindsAsync("acme/tool"), kind => kind == "version.expired");
    }

    [Fact]
    public async Task One_that_cannot_be_removed_keeps_neither_others_nor_a_collection_from_it()
    {
        await PublishAsync("broken", Preview, "1h");
        await PublishAsync("whole", Preview, "2h");
        foreach (var name in new[] { "broken", "whole" })
            await _host.UntilAsync($"/api/v1/components/acme/{name}/versions/{Preview}", answer => answer["state"] is "ready" or "failed");
        await _host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(change => change.Db.Versions.Where(row => row.Component!.Name == "broken")
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Definition, "not JSON"), change.Cancellation), CancellationToken.None);
        await _clock.PassAsync(TimeSpan.FromHours(3), _host);
        Assert.Equal(1, (await CollectAsync()).Count("pre-releases that have expired"));
        Assert.Contains("version.expired", await _host.EventKindsAsync("acme/whole"));
        Assert.DoesNotContain("version.expired", await _host.EventKindsAsync("acme/broken"));
    }

    [Fact]
    public async Task The_schedule_removes_it_within_a_minute()
    {
        await ReadyAsync(Preview, "1h");
        await _clock.PassAsync(TimeSpan.FromHours(2), _host);
        await _host.UntilAsync("/api/v1/events?limit=500", answer => answer.Text.Contains("version.expired", StringComparison.Ordinal));
    }

    private async Task AssertGoneAsync(string[] urls)
    {
        foreach (var url in urls)
        {
            var gone = await _host.GetAsync(url);
            Assert.True(gone.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone, $"{url}: {gone.Status}");
        }
        var version = await _host.ComponentAsync($"acme/tool/versions/{Preview}");
        Assert.Equal((HttpStatusCode.Gone, "version-expired"), (version.Status, version["type"]));
        Assert.Contains("Its number is not used again.", version["detail"], StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> NumbersAsync(string query) =>
        [.. (await _host.ComponentAsync($"acme/tool/versions{query}")).Items.Select(item => item.GetProperty("version").GetString()!)];

    private async Task<IReadOnlyList<Collected>> CollectAsync(bool countOnly = false) =>
        (await _host.Services.GetRequiredService<GarbageCollection>().RunAsync(TimeSpan.FromSeconds(-1), countOnly, CancellationToken.None))!;

    private async Task<Answer> ReadyAsync(string number, string? expires, string word = "preview", string? channel = null)
    {
        await PublishAsync("tool", number, expires, word, channel);
        return await _host.UntilAsync($"/api/v1/components/acme/tool/versions/{number}", answer => answer["state"] is "ready" or "failed");
    }

    private Task<Answer> PublishAsync(string name, string? number, string? expires, string word = "preview", string? channel = null)
    {
        var upload = new Multipart().Source("step.py", Samples.Script(word)).Field("displayName", "A title that stays");
        if (expires is not null)
            upload.Field("expires", expires);
        if (channel is not null)
            upload.Field("channel", channel);
        return _host.PublishAsync("acme", name, number, upload);
    }
}
