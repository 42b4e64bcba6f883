using System.Globalization;
using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>Headers that tell clients and pages of others of a form.</summary>
[Trait("Database", "any")]
public sealed class FormHeaderTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    private static long Seconds(string? header) => long.Parse(header!.TrimStart('@'), CultureInfo.InvariantCulture);

    private static string? Header(Answer answer, string name) => answer.Message.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    [Fact]
    public async Task A_deprecated_version_says_since_when_and_what_follows_it_in_headers_and_to_Elyra_s_users()
    {
        await _host.PublishReadyAsync("acme", "old", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "new", "1.0.0", "two");
        var before = await _host.ComponentAsync("acme/old/versions/1.0.0/elyra.yaml");
        Assert.Equal((null, null), (Header(before, "Deprecation"), Header(before, "Link")));
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await _host.PatchAsync("acme/old/versions/1.0.0", """{"deprecated": true, "successor": "acme/new"}""");
        foreach (var form in (string[])["elyra.yaml", "component.yaml", "operator.py", "job.yaml", "bundle"])
        {
            // The second answer is one that was kept.
            foreach (var _ in (int[])[1, 2])
            {
                var answer = await _host.ComponentAsync($"acme/old/versions/~1/{form}");
                Assert.EndsWith($"/api/v1/components/acme/new/versions/latest/{form}>; rel=\"successor-version\"", Header(answer, "Link"), StringComparison.Ordinal);
                Assert.InRange(Seconds(Header(answer, "Deprecation")), began - 1, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
            }
        }
        // Elyra's users see the description alone; all the rest, and the bytes at their digest, are as they were. Other forms do not change.
        var after = await _host.ComponentAsync("acme/old/versions/1.0.0/elyra.yaml");
        Assert.Equal(before.Text.Replace("description: 'Says one.'", "description: 'Deprecated: use acme/new. Says one.'", StringComparison.Ordinal), after.Text);
        Assert.NotEqual(before.Text, after.Text);
        Assert.Equal(before.Text, (await _host.ComponentAsync($"acme/old/versions/{before.ETag!.Trim('"')}/elyra.yaml")).Text);
        Assert.Contains("Deprecated: use acme/new.", (await _host.GetAsync("/catalogs/elyra/acme/catalog.json")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Deprecated", (await _host.ComponentAsync("acme/old/versions/1.0.0/component.yaml")).Text, StringComparison.Ordinal);
        Assert.Equal(Header(after, "Deprecation"), Header(await _host.ComponentAsync("acme/old/versions/1.0.0/elyra.yaml", ("If-None-Match", after.ETag!)), "Deprecation"));
        // Another successor does not begin the deprecation anew.
        await _host.PatchAsync("acme/old/versions/1.0.0", """{"successor": "acme/new@1.0.0"}""");
        var again = await _host.ComponentAsync("acme/old/versions/1.0.0/elyra.yaml");
        Assert.Equal(Header(after, "Deprecation"), Header(again, "Deprecation"));
        Assert.Contains("/acme/new/versions/1.0.0/elyra.yaml>", Header(again, "Link"), StringComparison.Ordinal);
        await _host.PatchAsync("acme/old/versions/1.0.0", """{"deprecated": false}""");
        Assert.Equal(before.Text, (await _host.ComponentAsync("acme/old/versions/1.0.0/elyra.yaml")).Text);
        Assert.Null(Header(await _host.ComponentAsync("acme/old/versions/1.0.0/elyra.yaml"), "Deprecation"));
        // One second later at the least, so that the time of the second deprecation is another.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var first = Header(after, "Deprecation");
        while (Seconds(first) >= TimeProvider.System.GetUtcNow().ToUnixTimeSeconds())
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        await _host.PatchAsync("acme/old/versions/1.0.0", """{"deprecated": true}""");
        Assert.True(Seconds(Header(await _host.ComponentAsync("acme/old/versions/1.0.0/elyra.yaml"), "Deprecation")) > Seconds(first));
    }

    [Theory]
    [InlineData("/api/v1/components/told/old/versions/1.0.0", "")]
    [InlineData("/catalogs/kfp/told/old/1.0.0", "/component.yaml")]
    [InlineData("/catalogs/kfp/store/told/old/component.yaml", "/component.yaml")]
    [InlineData("/catalogs/kfp/store/told/old/versions/tags/1.0.0", "/component.yaml")]
    [InlineData("/catalogs/artifactory/told/old/1.0.0.yaml", "/elyra.yaml")]
    [InlineData("/catalogs/artifactory/told/~/old/1.x.yaml", "/elyra.yaml")]
    [InlineData("/apis/v1alpha1/components/told--old/download", "/elyra.yaml")]
    public async Task Whichever_way_a_deprecated_version_is_read_its_headers_say_so(string path, string form)
    {
        if ((await _host.ComponentAsync("told/old/versions/1.0.0")).Status == HttpStatusCode.NotFound)
        {
            await _host.PublishReadyAsync("told", "old", "1.0.0", "one");
            await _host.PublishReadyAsync("told", "new", "1.0.0", "two");
        }
        Assert.Equal(HttpStatusCode.OK, (await _host.PatchAsync("told/old/versions/1.0.0", """{"deprecated": false, "successor": null}""")).Status);
        var before = await _host.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, null, null), (before.Status, Header(before, "Deprecation"), Header(before, "Link")));
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(HttpStatusCode.OK, (await _host.PatchAsync("told/old/versions/1.0.0", """{"deprecated": true, "successor": "told/new"}""")).Status);
        // The second answer is one that was kept.
        foreach (var _ in (int[])[1, 2])
        {
            var answer = await _host.GetAsync(path);
            Assert.InRange(Seconds(Header(answer, "Deprecation")), began - 1, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
            Assert.EndsWith($"/api/v1/components/told/new/versions/latest{form}>; rel=\"successor-version\"", Header(answer, "Link"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/api/v1/components/parts/tool/versions/1.0.0/component.yaml")]
    [InlineData("/api/v1/components/parts/tool/versions/1.0.0/operator.py")]
    [InlineData("/api/v1/components/parts/tool/versions/1.0.0/bundle")]
    [InlineData("/catalogs/kfp/parts/tool/1.0.0")]
    [InlineData("/catalogs/artifactory/parts/tool/1.0.0.yaml")]
    [InlineData("/catalogs/elyra/parts/url-catalog.json")]
    [InlineData("/apis/v1alpha1/components/parts--tool--1.0.0/download")]
    public async Task A_file_is_served_in_part_and_a_download_goes_on_where_it_broke(string path)
    {
        if ((await _host.ComponentAsync("parts/tool/versions/1.0.0")).Status == HttpStatusCode.NotFound)
            await _host.PublishReadyAsync("parts", "tool", "1.0.0", "one");
        var whole = await _host.GetAsync(path);
        Assert.Equal("bytes", Assert.Single(whole.Message.Headers.AcceptRanges));
        // The second answer is one that was kept.
        foreach (var _ in (int[])[1, 2])
        {
            var rest = await _host.GetAsync(path, ("Range", "bytes=10-"), ("If-Range", whole.ETag!));
            Assert.Equal((HttpStatusCode.PartialContent, $"bytes 10-{whole.Bytes.Length - 1}/{whole.Bytes.Length}", whole.ETag, whole.ContentType),
                (rest.Status, rest.Message.Content.Headers.ContentRange!.ToString(), rest.ETag, rest.ContentType));
            Assert.Equal(whole.Bytes[10..], rest.Bytes);
            Assert.Equal(whole.Bytes[^5..], (await _host.GetAsync(path, ("Range", "bytes=-5"))).Bytes);
            Assert.Equal(whole.Bytes, (await _host.GetAsync(path, ("Range", "bytes=10-"), ("If-Range", "\"another\""))).Bytes);
            var beyond = await _host.GetAsync(path, ("Range", "bytes=9999999-"));
            Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, $"bytes */{whole.Bytes.Length}", 0), (beyond.Status, beyond.Message.Content.Headers.ContentRange!.ToString(), beyond.Bytes.Length));
            Assert.Equal(HttpStatusCode.NotModified, (await _host.GetAsync(path, ("Range", "bytes=10-"), ("If-None-Match", whole.ETag!))).Status);
        }
    }

    [Fact]
    public async Task What_is_missing_is_told_whole_whatever_part_is_asked_for()
    {
        var page = await _host.GetAsync("/components/parts/nothing", ("Range", "bytes=0-3"), ("Accept", "text/html"));
        Assert.Equal((HttpStatusCode.NotFound, (string?)null), (page.Status, page.Message.Content.Headers.ContentRange?.ToString()));
        Assert.Contains("</html>", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_yanked_version_says_so_in_headers_and_where_readers_see_a_description_alone()
    {
        await _host.PublishReadyAsync("acme", "bad", "1.0.0", "one");
        string[] forms = ["elyra.yaml", "operator.py"];
        var before = await Task.WhenAll(forms.Select(form => _host.ComponentAsync($"acme/bad/versions/1.0.0/{form}")));
        var component = await _host.ComponentAsync("acme/bad/versions/1.0.0/component.yaml");
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await _host.PatchAsync("acme/bad/versions/1.0.0", """{"yanked": true, "reason": "It says \"\"\"no\\."}""");
        foreach (var (index, form) in forms.Index())
        {
            var answer = await _host.ComponentAsync($"acme/bad/versions/1.0.0/{form}");
            Assert.InRange(Seconds(Header(answer, "Deprecation")), began - 1, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
            Assert.Contains("Yanked: It says", answer.Text, StringComparison.Ordinal);
            Assert.Equal(before[index].Text, (await _host.ComponentAsync($"acme/bad/versions/{before[index].ETag!.Trim('"')}/{form}")).Text);
        }
        var after = await _host.ComponentAsync("acme/bad/versions/1.0.0/component.yaml");
        Assert.Equal((component.Text, component.ETag), (after.Text, after.ETag));
        Assert.NotNull(Header(after, "Deprecation"));
        Assert.NotNull(Header(await _host.ComponentAsync($"acme/bad/versions/{component.ETag!.Trim('"')}/component.yaml"), "Deprecation"));
        // A deprecation that ends leaves the yank, and its time.
        await _host.PatchAsync("acme/bad/versions/1.0.0", """{"deprecated": true}""");
        await _host.PatchAsync("acme/bad/versions/1.0.0", """{"deprecated": false}""");
        Assert.Equal(Header(after, "Deprecation"), Header(await _host.ComponentAsync("acme/bad/versions/1.0.0/component.yaml"), "Deprecation"));
        await _host.PatchAsync("acme/bad/versions/1.0.0", """{"yanked": false}""");
        foreach (var (index, form) in forms.Index())
        {
            var answer = await _host.ComponentAsync($"acme/bad/versions/1.0.0/{form}");
            Assert.Equal((before[index].Text, null), (answer.Text, Header(answer, "Deprecation")));
        }
    }

    [Theory]
    [InlineData("/api/v1/components")]
    [InlineData("/api/v1/components/cors/tool/versions/~1/elyra.yaml")]
    [InlineData("/catalogs/elyra/cors/catalog.json")]
    [InlineData("/catalogs/artifactory/cors/tool/1.0.0.yaml")]
    [InlineData("/apis/v1alpha1/components")]
    public async Task Pages_of_other_sites_read_what_everyone_may_read(string path)
    {
        await _host.PublishReadyAsync("cors", "tool", "1.0.0");
        foreach (var _ in (int[])[1, 2])
        {
            var answer = await _host.GetAsync(path, ("Origin", "https://other.example"));
            Assert.Equal((HttpStatusCode.OK, "*"), (answer.Status, Header(answer, "Access-Control-Allow-Origin")));
            Assert.Contains("ETag", Header(answer, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }
        // What went wrong is to be shown, too.
        foreach (var wrong in (string[])["/api/v1/components?limit=none", "/api/v1/components/acme/nothing", "/catalogs/elyra/catalog.json?since=-1"])
        {
            var refused = await _host.GetAsync(wrong, ("Origin", "https://other.example"));
            Assert.InRange((int)refused.Status, 400, 404);
            Assert.Equal("*", Header(refused, "Access-Control-Allow-Origin"));
        }
        Assert.Null(Header(await _host.Admin.SendAsync(HttpMethod.Get, path, null, ("Origin", "https://other.example")), "Access-Control-Allow-Origin"));
        Assert.Null(Header(await _host.GetAsync(path, ("Cookie", "a=b")), "Access-Control-Allow-Origin"));
        var asked = await _host.Anonymous.SendAsync(HttpMethod.Options, path, null, ("Origin", "https://other.example"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "if-none-match"));
        Assert.Equal((HttpStatusCode.NoContent, "GET, HEAD", "If-None-Match, If-Range, Range"), (asked.Status, Header(asked, "Access-Control-Allow-Methods"), Header(asked, "Access-Control-Allow-Headers")));
        var write = await _host.Anonymous.SendAsync(HttpMethod.Options, path, null, ("Origin", "https://other.example"), ("Access-Control-Request-Method", "PUT"));
        Assert.Null(Header(write, "Access-Control-Allow-Methods"));
    }

    [Theory]
    [InlineData("/v2/")]
    [InlineData("/")]
    [InlineData("/health/live")]
    public async Task Pages_and_images_are_not_for_other_sites(string path) => Assert.Null(Header(await _host.GetAsync(path, ("Origin", "https://other.example")), "Access-Control-Allow-Origin"));
}
