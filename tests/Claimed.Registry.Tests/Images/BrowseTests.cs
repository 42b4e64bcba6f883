using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Images.Browse;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary><c>/api/v1/images</c>.</summary>
public sealed class BrowseTests(ImageHost host) : IClassFixture<ImageHost>
{
    private Task<Answer> GetAsync(string path, HttpClient? client = null) => (client ?? host.Anonymous).SendAsync(HttpMethod.Get, "/api/v1/images" + path);

    private static string[] Names(Answer answer) => [.. answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    private static string Image(string repository, string reference) => $"/{repository}/manifests/{reference}";

    [Fact]
    public async Task Repositories_are_listed_by_name_in_pages_with_what_they_hold()
    {
        await host.Registry.CreateNamespaceAsync("listed");
        foreach (var name in new[] { "c", "a", "b/deep", "b" })
            await host.PushImageAsync($"listed/{name}", "1", $"layer of {name}");
        await host.PushImageAsync("listed/a", "2", "another");
        var first = await GetAsync("?namespace=listed&limit=2");
        Assert.Equal(["listed/a", "listed/b"], Names(first));
        var second = await GetAsync($"?namespace=listed&limit=2&cursor={first["next"]}");
        Assert.Equal(["listed/b/deep", "listed/c"], Names(second));
        Assert.Null(second["next"]);
        Assert.Equal(["listed/b", "listed/b/deep"], Names(await GetAsync("?namespace=listed&q=d/b")));

        var a = await GetAsync("/listed/a");
        Assert.Equal((2, 2), (a.Json.GetProperty("tags").GetInt32(), a.Json.GetProperty("manifests").GetInt32()));
        var manifests = new[] { "layer of a", "another" }.Sum(layer => ImageHost.ImageOf(Encoding.UTF8.GetBytes(layer)).Length);
        Assert.Equal("layer of aanother".Length + ImageHost.Config.Length + manifests, a.Json.GetProperty("bytes").GetInt64());
        var deep = await GetAsync("/listed/b%2Fdeep");
        Assert.Equal("listed/b/deep", deep["name"]);
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.GetAsync(new Uri(deep.Json.GetProperty("links").GetProperty("tags").GetString()!).PathAndQuery)).StatusCode);
    }

    [Fact]
    public async Task An_image_tells_its_layers_platform_and_config()
    {
        var repository = ImageHost.NewRepository();
        var digest = await host.PushImageAsync(repository, "1.0", "some layer");
        await host.PutManifestAsync(repository, "also", ImageHost.ImageOf("some layer"u8.ToArray()));
        foreach (var reference in new[] { "1.0", digest })
        {
            var image = (await GetAsync(Image(repository, reference))).Json;
            Assert.Equal(digest, image.GetProperty("digest").GetString());
            Assert.Equal(["1.0", "also"], image.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
            Assert.Equal("linux/amd64", image.GetProperty("platforms")[0].GetString());
            Assert.Equal(10 + ImageHost.Config.Length, image.GetProperty("bytes").GetInt64());
            var layer = image.GetProperty("layers")[0];
            Assert.Equal((Digest.Of("some layer"), 10), (layer.GetProperty("digest").GetString(), layer.GetProperty("bytes").GetInt64()));
            var config = image.GetProperty("config");
            Assert.Equal("/bin/run", config.GetProperty("entrypoint")[0].GetString());
            Assert.Equal("A=b", config.GetProperty("env")[0].GetString());
            Assert.Equal("1", config.GetProperty("labels").GetProperty("l").GetString());
        }
        var tags = await GetAsync($"/{repository}/tags?limit=1");
        Assert.Equal(["1.0"], Names(tags));
        Assert.Equal(["also"], Names(await GetAsync($"/{repository}/tags?cursor={tags["next"]}")));
    }

    [Fact]
    public async Task An_index_tells_its_platforms_and_the_bytes_of_all_its_images_once()
    {
        var repository = ImageHost.NewRepository();
        var one = await host.PushImageAsync(repository, "one", "first layer");
        var two = await host.PushImageAsync(repository, "two", "second layer");
        var index = Encoding.UTF8.GetBytes($$$"""
            {"schemaVersion":2,"mediaType":"{{{MediaTypes.OciIndex}}}","manifests":[
             {"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{one}}}","size":10,"platform":{"os":"linux","architecture":"amd64"}},
             {"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{two}}}","size":10,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}}]}
            """);
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(repository, "all", index, MediaTypes.OciIndex)).StatusCode);
        var image = (await GetAsync(Image(repository, "all"))).Json;
        Assert.Equal(["linux/amd64", "linux/arm64/v8"], image.GetProperty("platforms").EnumerateArray().Select(platform => platform.GetString()));
        Assert.Equal("first layer".Length + "second layer".Length + ImageHost.Config.Length, image.GetProperty("bytes").GetInt64());
        Assert.Equal(2, image.GetProperty("manifests").GetArrayLength());
        Assert.False(image.TryGetProperty("config", out _));
    }

    [Theory]
    [InlineData("application/spdx+json", "sbom")]
    [InlineData("application/vnd.cyclonedx+json", "sbom")]
    [InlineData("application/vnd.in-toto+json", "provenance")]
    [InlineData("application/vnd.dev.cosign.artifact.sig.v1+json", "signature")]
    [InlineData("application/vnd.cncf.notary.signature", "signature")]
    [InlineData("application/x-notes", "other")]
    public async Task What_refers_to_an_image_is_named_by_its_kind(string artifactType, string kind)
    {
        var repository = ImageHost.NewRepository();
        var digest = await host.PushImageAsync(repository, "1");
        var more = $",\"artifactType\":\"{artifactType}\",\"subject\":{{\"mediaType\":\"{MediaTypes.OciManifest}\",\"digest\":\"{digest}\",\"size\":1}},\"annotations\":{{\"by\":\"ada\"}}";
        var referrer = await host.ManifestAsync(repository, "about it", more);
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(repository, Digest.Of(referrer), referrer)).StatusCode);
        var found = Assert.Single((await GetAsync(Image(repository, "1"))).Json.GetProperty("referrers").EnumerateArray());
        Assert.Equal((kind, artifactType, Digest.Of(referrer)), (found.GetProperty("kind").GetString(), found.GetProperty("artifactType").GetString(), found.GetProperty("digest").GetString()));
        Assert.Equal("ada", found.GetProperty("annotations").GetProperty("by").GetString());
        Assert.Equal(digest, (await GetAsync(Image(repository, Digest.Of(referrer))))["subject"]);
    }

    [Fact]
    public async Task A_signature_under_a_tag_of_older_clients_is_found_too()
    {
        var repository = ImageHost.NewRepository();
        var digest = await host.PushImageAsync(repository, "1");
        var tag = digest.Replace(':', '-') + ".sig";
        await host.PushImageAsync(repository, tag, "signature");
        var found = Assert.Single((await GetAsync(Image(repository, "1"))).Json.GetProperty("referrers").EnumerateArray());
        Assert.Equal(("signature", tag), (found.GetProperty("kind").GetString(), found.GetProperty("tag").GetString()));
    }

    [Fact]
    public async Task Versions_that_run_an_image_are_named_to_those_who_see_them()
    {
        await host.Registry.CreateNamespaceAsync("hidden", isPrivate: true);
        var repository = ImageHost.NewRepository();
        var digest = await host.PushImageAsync(repository, "1");
        var reference = $"{host.Registry.Address.Authority}/{repository}:1";
        foreach (var space in new[] { "acme", "hidden" })
            Assert.Equal(HttpStatusCode.Created, (await host.Registry.PublishAsync(space, "runs-it", "1.0.0", ("component.yaml", Samples.ExistingImage(image: reference)))).Status);
        string[] Users(Answer answer) => [.. answer.Json.GetProperty("usedBy").EnumerateArray().Select(use => $"{use.GetProperty("component")} {use.GetProperty("version")}")];
        Assert.Equal(["acme/runs-it 1.0.0"], Users(await GetAsync(Image(repository, digest))));
        Assert.Equal(["acme/runs-it 1.0.0", "hidden/runs-it 1.0.0"], Users(await GetAsync(Image(repository, digest), host.Admin)));
    }

    [Fact]
    public async Task What_may_not_be_pulled_is_not_there()
    {
        await host.Registry.CreateNamespaceAsync("closed", isPrivate: true, ("ada", "reader"));
        await host.PushImageAsync("closed/thing", "1");
        using var ada = host.Registry.With(await host.Registry.TokenAsync("ada", "pull"));
        foreach (var path in new[] { "/closed/thing", "/closed/thing/tags", "/closed/thing/manifests/1" })
        {
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(path, ada)).Status);
            var hidden = await GetAsync(path);
            var absent = await GetAsync(path.Replace("thing", "other", StringComparison.Ordinal));
            Assert.Equal((HttpStatusCode.NotFound, hidden.Status), (absent.Status, absent.Status));
            Assert.Equal(absent["detail"]!.Replace("other", "thing", StringComparison.Ordinal), hidden["detail"]);
        }
        Assert.DoesNotContain("closed/thing", Names(await GetAsync("?limit=200")));
        Assert.Contains("closed/thing", Names(await GetAsync("?namespace=closed", ada)));
    }

    [Fact]
    public async Task Pulls_are_counted_for_image_and_repository()
    {
        var repository = ImageHost.NewRepository();
        var digest = await host.PushImageAsync(repository, "1");
        for (var count = 0; count < 3; count++)
            await host.Anonymous.GetAsync($"/v2/{repository}/manifests/1");
        await host.Anonymous.GetAsync($"/v2/{repository}/manifests/{digest}");
        // Neither a look nor a failure is a pull.
        await host.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/{repository}/manifests/1"));
        await host.Anonymous.GetAsync($"/v2/{repository}/manifests/2");
        await host.Registry.Services.GetRequiredService<PullCounts>().StoreAsync();
        Assert.Equal(4, (await GetAsync(Image(repository, "1"))).Json.GetProperty("pulls").GetInt64());
        Assert.Equal(4, (await GetAsync($"/{repository}")).Json.GetProperty("pulls").GetInt64());
    }

    [Theory]
    [InlineData("""{"architecture":7,"os":["a"],"config":"none"}""")]
    [InlineData("""[1,2]""")]
    [InlineData("not json")]
    [InlineData("""{"os":"linux","architecture":"\ud800","config":{"Env":[1,null,"A=b"],"Labels":{"a":1}}}""")]
    public async Task A_config_that_is_no_config_leaves_the_rest_readable(string config)
    {
        var repository = ImageHost.NewRepository();
        var bytes = Encoding.UTF8.GetBytes(config);
        var digest = await host.PushBlobAsync(repository, bytes);
        await host.PushBlobAsync(repository, "layer"u8.ToArray());
        var manifest = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ImageHost.ImageOf("layer"u8.ToArray())).Replace(Digest.Of(ImageHost.Config), digest, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(repository, "1", manifest)).StatusCode);
        var image = await GetAsync(Image(repository, "1"));
        Assert.Equal(HttpStatusCode.OK, image.Status);
        Assert.Equal(1, image.Json.GetProperty("layers").GetArrayLength());
    }

    [Theory]
    [InlineData("/UPPER/case")]
    [InlineData("/acme/..%2F..%2Fetc")]
    [InlineData("/acme/none")]
    [InlineData("/acme/a%00b")]
    public async Task Names_that_no_repository_has_are_not_found(string path) =>
        Assert.Contains((await GetAsync(path)).Status, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.BadRequest]);
}
