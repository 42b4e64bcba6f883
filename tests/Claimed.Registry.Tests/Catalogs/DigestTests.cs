using System.Net;
using System.Text.Json;
using Claimed.Database.Catalog;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

public sealed class DigestTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_digest_tells_what_it_is_and_where()
    {
        var version = await _host.PublishReadyAsync("digests", "told", "1.0.0", "told");
        var form = (await _host.ComponentAsync("digests/told/versions/1.0.0/operator.py")).ETag!.Trim('"');
        var archive = (await _host.ComponentAsync("digests/told/versions/1.0.0/bundle")).ETag!.Trim('"');
        Assert.Equal(["bundle digests/told 1.0.0 "], await UsesAsync(version["bundleDigest"]!));
        Assert.Equal(["bundle digests/told 1.0.0 bundle"], await UsesAsync(archive));
        Assert.Equal(["definition digests/told 1.0.0 "], await UsesAsync(version["definitionDigest"]!));
        Assert.Contains("image digests/told 1.0.0 ", await UsesAsync(version["imageDigest"]!));
        Assert.Equal(["rendition digests/told 1.0.0 operator.py"], await UsesAsync(form));
        var link = (await _host.GetAsync($"/api/v1/digests/{form}")).Items[0].GetProperty("links").GetProperty("content").GetString()!;
        Assert.Equal($"\"{form}\"", (await _host.GetAsync(new Uri(link).PathAndQuery)).ETag);
    }

    [Fact]
    public async Task One_image_that_many_versions_run_is_found_in_pages()
    {
        foreach (var number in Enumerable.Range(1, 3))
            await _host.PublishReadyAsync("digests", $"shared-{number}", "1.0.0");
        var digest = Samples.Image.Split('@')[1];
        var all = (await UsesAsync(digest)).Where(use => use.Contains("/shared-", StringComparison.Ordinal)).ToList();
        Assert.Equal(["image digests/shared-1 1.0.0 ", "image digests/shared-2 1.0.0 ", "image digests/shared-3 1.0.0 "], all);
        var first = await _host.GetAsync($"/api/v1/digests/{digest}?limit=1");
        var second = await _host.GetAsync($"/api/v1/digests/{digest}?limit=1&cursor={first["next"]}");
        Assert.NotEqual(Of(Assert.Single(first.Items)), Of(Assert.Single(second.Items)));
    }

    [Fact]
    public async Task A_yanked_version_is_found_by_its_digests()
    {
        var version = await _host.PublishReadyAsync("digests", "yanked", "1.0.0", "yanked");
        await _host.PatchAsync("digests/yanked/versions/1.0.0", """{"yanked": true}""");
        Assert.Single(await UsesAsync(version["bundleDigest"]!));
    }

    [Fact]
    public async Task An_older_revision_of_a_form_stays_under_its_digest()
    {
        await _host.PublishReadyAsync("digests", "revised", "1.0.0", "revised");
        var old = await _host.ComponentAsync("digests/revised/versions/1.0.0/elyra.yaml");
        var digest = old.ETag!.Trim('"');
        var newer = await RenderAgainAsync("revised", "elyra.yaml", "# mended\n" + old.Text);
        Assert.Equal(newer, (await _host.ComponentAsync("digests/revised/versions/1.0.0/elyra.yaml")).ETag!.Trim('"'));
        var pinned = await _host.ComponentAsync($"digests/revised/versions/{digest}/elyra.yaml");
        Assert.Equal((HttpStatusCode.OK, old.Text), (pinned.Status, pinned.Text));
        Assert.Contains("immutable", pinned.Message.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("1.0.0", (await _host.ComponentAsync($"digests/revised/versions/{digest}"))["version"]);
        Assert.Equal(["rendition digests/revised 1.0.0 elyra.yaml"], await UsesAsync(digest));
        // A component.yaml that is served as it was published is the original.
        var upload = (await _host.ComponentAsync("digests/revised/versions/1.0.0/original.yaml")).ETag!.Trim('"');
        Assert.Equal(["rendition digests/revised 1.0.0 component.yaml", "rendition digests/revised 1.0.0 original.yaml"], await UsesAsync(upload));
        Assert.Equal(["rendition digests/revised 1.0.0 elyra.yaml"], await UsesAsync(newer));
    }

    [Theory]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", 404, "digest-not-found")]
    [InlineData("sha256:abc", 400, "bad-reference")]
    [InlineData("latest", 400, "bad-reference")]
    public async Task A_digest_that_is_none_or_unknown_is_refused(string digest, int status, string type)
    {
        var answer = await _host.GetAsync($"/api/v1/digests/{digest}");
        Assert.Equal((status, type), ((int)answer.Status, answer["type"]));
    }

    /// <summary>Adds a revision as a mended renderer does; returns its digest.</summary>
    private async Task<string> RenderAgainAsync(string name, string form, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        var digest = Digest.Of(bytes);
        await _host.Services.GetRequiredService<IBlobStore>().PutAsync(digest, bytes, CancellationToken.None);
        await _host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(async change =>
        {
            var version = await change.Db.Versions.SingleAsync(row => row.Component!.Name == name);
            change.Db.Renditions.Add(new Rendition { VersionId = version.Id, Form = form, Revision = 2, Digest = digest, Size = bytes.Length, CreatedAt = change.Now });
            change.Tell("version.rerendered", $"digests/{name}", new { version = version.Number });
        }, CancellationToken.None);
        return digest;
    }

    private async Task<IEnumerable<string>> UsesAsync(string digest) => (await _host.GetAsync($"/api/v1/digests/{digest}?limit=200")).Items.Select(Of);

    private static string Of(JsonElement use)
    {
        string Field(string name) => use.TryGetProperty(name, out var value) ? value.GetString()! : "";
        return $"{Field("kind")} {Field("namespace")}/{Field("name")} {Field("version")} {Field("form")}";
    }
}
