using System.Net;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>What <c>kfp.registry.RegistryClient</c> and the <c>ComponentStore</c> of the SDK 1.x read.</summary>
[Trait("Database", "any")]
public sealed class KfpCatalogTests : IAsyncLifetime
{
    private const string Root = "/catalogs/kfp/acme";

    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<JsonElement> ReadAsync(string path)
    {
        var answer = await _host.GetAsync(Root + path);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal("application/json; charset=utf-8", answer.Message.Content.Headers.ContentType!.ToString());
        return JsonDocument.Parse(answer.Text).RootElement;
    }

    private async Task<string[]> NamesAsync(string path, string list) => [.. (await ReadAsync(path)).GetProperty(list).EnumerateArray().Select(each => each.GetProperty("name").GetString()!)];

    private static string DigestOf(string word) => Digest.Of(Encoding.UTF8.GetBytes(Samples.ExistingImage(word)));

    [Fact]
    public async Task Lists_are_never_null_and_have_everything_on_one_page()
    {
        await _host.Admin.PutAsync("/api/v1/namespaces/acme", null);
        Assert.Equal("""{"packages":[]}""", (await _host.GetAsync(Root + "/packages")).Text);
        for (var number = 0; number < 120; number++)
            await _host.SeedAsync(new() { Name = $"c{number}", Number = "1.0.0" });
        Assert.Equal(120, (await NamesAsync("/packages", "packages")).Length);
        Assert.Contains("packages/c7", await NamesAsync("/packages", "packages"));
    }

    [Fact]
    public async Task A_version_is_named_by_the_digest_of_the_bytes_that_were_uploaded_and_these_are_downloaded()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        Assert.Equal("packages/greet", (await ReadAsync("/packages/greet")).GetProperty("name").GetString());
        Assert.Equal([$"packages/greet/versions/{DigestOf("two")}", $"packages/greet/versions/{DigestOf("one")}"], await NamesAsync("/packages/greet/versions", "versions"));
        Assert.Equal($"packages/greet/versions/{DigestOf("one")}", (await ReadAsync($"/packages/greet/versions/{DigestOf("one")}")).GetProperty("name").GetString());
        foreach (var (reference, word) in new[] { (DigestOf("one"), "one"), ("1.0.0", "one"), ("1.1.0", "two"), ("latest", "two") })
        {
            var download = await _host.GetAsync($"{Root}/greet/{reference}");
            Assert.Equal(Samples.ExistingImage(word), download.Text);
            Assert.Equal($"\"{DigestOf(word)}\"", download.ETag);
        }
    }

    [Fact]
    public async Task Tags_are_channels_and_numbers()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        (await _host.Admin.PutAsync("/api/v1/components/acme/greet/channels/prod", Changes.Json("""{"version": "1.0.0"}"""))).EnsureSuccessStatusCode();
        Assert.Equal(["packages/greet/tags/1.0.0", "packages/greet/tags/1.1.0", "packages/greet/tags/latest", "packages/greet/tags/prod"], await NamesAsync("/packages/greet/tags", "tags"));
        Assert.Equal($"packages/greet/versions/{DigestOf("one")}", (await ReadAsync("/packages/greet/tags/prod")).GetProperty("version").GetString());
        Assert.Equal($"packages/greet/versions/{DigestOf("two")}", (await ReadAsync("/packages/greet/tags/latest")).GetProperty("version").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync(Root + "/packages/greet/tags/none")).Status);
    }

    [Fact]
    public async Task A_yanked_version_leaves_the_lists_and_stays_where_it_is_pinned()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        (await _host.Admin.PatchAsync("/api/v1/components/acme/greet/versions/1.1.0", Changes.Json("""{"yanked": true, "reason": "Wrong."}"""))).EnsureSuccessStatusCode();
        Assert.Equal([$"packages/greet/versions/{DigestOf("one")}"], await NamesAsync("/packages/greet/versions", "versions"));
        Assert.DoesNotContain("packages/greet/tags/1.1.0", await NamesAsync("/packages/greet/tags", "tags"));
        Assert.Equal(Samples.ExistingImage("two"), (await _host.GetAsync($"{Root}/greet/{DigestOf("two")}")).Text);
        Assert.Equal(Samples.ExistingImage("two"), (await _host.GetAsync($"{Root}/greet/1.1.0")).Text);
    }

    [Theory]
    [InlineData("/packages/none")]
    [InlineData("/packages/none/versions")]
    [InlineData("/packages/greet/versions/2.0.0")]
    [InlineData("/packages/greet/versions/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("/greet/9.9.9")]
    [InlineData("/greet/%2e%2e%2f")]
    [InlineData("/none/latest")]
    public async Task What_is_not_there_is_an_error_as_Google_writes_one(string path)
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        var answer = await _host.GetAsync(Root + path);
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        var error = JsonDocument.Parse(answer.Text).RootElement.GetProperty("error");
        Assert.Equal((404, "NOT_FOUND"), (error.GetProperty("code").GetInt32(), error.GetProperty("status").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task The_component_store_finds_a_component_by_name_by_digest_and_by_tag()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        var pinned = (await _host.ComponentAsync("acme/greet/versions/1.0.0/component.yaml")).Text;
        foreach (var name in new[] { "acme/greet", "acme%2Fgreet", "acme%2fgreet" })
        {
            Assert.Equal(pinned, (await _host.GetAsync($"/catalogs/kfp/store/{name}/component.yaml")).Text);
            Assert.Equal(pinned, (await _host.GetAsync($"/catalogs/kfp/store/{name}/versions/tags/1.0.0")).Text);
            foreach (var bytes in new[] { pinned, Samples.ExistingImage("one") })
                Assert.Equal(bytes, (await _host.GetAsync($"/catalogs/kfp/store/{name}/versions/sha256/{Digest.Of(Encoding.UTF8.GetBytes(bytes))[7..]}")).Text);
        }
        foreach (var path in new[] { "acme", "acme/greet", "acme/greet/", "acme/none/component.yaml", "acme/greet/versions/sha256/xx", "acme/greet/versions/tags/none", "acme/greet/other", "../../api" })
            Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"/catalogs/kfp/store/{path}")).Status);
    }
    [Fact]
    public async Task The_component_store_finds_a_text_with_CRLF_by_the_digest_that_it_computes()
    {
        var lf = Samples.ExistingImage("one");
        var crlf = lf.Replace("\n", "\r\n", StringComparison.Ordinal);
        var published = await _host.PublishAsync("acme", "greet", "1.0.0", new Multipart().Source("component.yaml", crlf));
        Assert.True(published.Status == HttpStatusCode.Created, published.Text);
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        await _host.PublishReadyAsync("acme", "other", "1.0.0", "three");
        string At(string name, string text) => $"/catalogs/kfp/store/acme/{name}/versions/sha256/{Digest.Of(Encoding.UTF8.GetBytes(text))[7..]}";
        foreach (var _ in (int[])[1, 2])
        {
            var found = await _host.GetAsync(At("greet", lf));
            Assert.Equal((HttpStatusCode.OK, crlf, $"\"{Digest.Of(Encoding.UTF8.GetBytes(crlf))}\""), (found.Status, found.Text, found.ETag));
        }
        Assert.Equal(crlf, (await _host.GetAsync(At("greet", crlf))).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync(At("other", lf))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync(At("greet", lf + "\n"))).Status);
    }
}
