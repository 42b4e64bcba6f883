using System.Net;
using System.Text;
using System.Text.Json;
using Claimed.Database.Builds;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>Any digest that is seen in a cluster is explained.</summary>
public sealed class DigestSearchTests(EvidenceRegistry registry) : IClassFixture<EvidenceRegistry>
{
    private RegistryHost Host => registry.Host;

    [Fact]
    public async Task An_image_its_configuration_its_layers_and_what_is_said_of_it_lead_to_the_version()
    {
        var layer = LayerSamples.Gzip(LayerSamples.Python("explained", "1.0"));
        var version = await registry.BuildAsync("explained/whole", "1.0.0", layer);
        await Host.SetChannelAsync("explained/whole", "stable", "1.0.0");
        var image = version["imageDigest"]!;
        var use = Assert.Single(await UsesAsync(image));
        Assert.Equal(("image", "explained", "whole", "1.0.0", "ready", "False"), (Text(use, "kind"), Text(use, "namespace"), Text(use, "name"), Text(use, "version"), Text(use, "state"), Text(use, "yanked")));
        Assert.Equal("""["latest","stable"]""", use.GetProperty("channels").GetRawText());
        Assert.Equal(version["build.id"], use.GetProperty("build").GetRawText());
        Assert.False(string.IsNullOrEmpty(Text(use, "publishedBy")));
        var manifest = await Host.GetAsync($"/v2/explained/whole/manifests/{image}");
        Assert.Contains($"image-config explained/whole 1.0.0 {image}", await LinesAsync(manifest["config.digest"]!));
        Assert.Equal([$"image-layer explained/whole 1.0.0 {image}"], await LinesAsync(Digest.Of(layer)));
        foreach (var referrer in (await Host.GetAsync($"/v2/explained/whole/referrers/{image}")).Json.GetProperty("manifests").EnumerateArray())
            Assert.Equal([$"statement explained/whole 1.0.0 {image}"], await LinesAsync(referrer.GetProperty("digest").GetString()!));
        var att = (await Host.GetAsync($"/v2/explained/whole/manifests/{image.Replace(':', '-')}.att")).Message.Headers.GetValues("Docker-Content-Digest").Single();
        Assert.Equal([$"statement explained/whole 1.0.0 {image}"], await LinesAsync(att));
        var envelope = (await Host.ComponentAsync("explained/whole/versions/1.0.0/provenance.json")).ETag!.Trim('"');
        Assert.Equal(["rendition explained/whole 1.0.0 ", $"statement explained/whole 1.0.0 {image}"], await LinesAsync(envelope));
    }

    [Fact]
    public async Task A_base_image_leads_to_the_versions_that_were_built_on_it()
    {
        var digest = Digest.Of("a base image");
        await registry.BuildAsync("explained/based", "1.0.0");
        await registry.BuildAsync("explained/based", "1.1.0");
        await using (var db = await Host.Services.GetRequiredService<IDbContextFactory<Claimed.Database.RegistryContext>>().CreateDbContextAsync())
        {
            foreach (var build in await db.Builds.Where(row => row.Version!.Component!.Name == "based").ToListAsync())
                db.BuildBases.Add(new BuildBase { BuildId = build.Id, Name = "python:3.12", Digest = digest });
            await db.SaveChangesAsync();
        }
        Assert.Equal(["base-image explained/based 1.0.0 ", "base-image explained/based 1.1.0 "], await LinesAsync(digest));
        Assert.Equal("python:3.12", Text((await UsesAsync(digest))[0], "note"));
        var first = await Host.GetAsync($"/api/v1/digests/{digest}?limit=1");
        Assert.Equal("1.1.0", Text(Assert.Single((await Host.GetAsync($"/api/v1/digests/{digest}?limit=1&cursor={first["next"]}")).Items), "version"));
    }

    [Fact]
    public async Task An_image_of_an_index_leads_to_the_version_of_the_index_and_one_of_nobody_to_its_repository()
    {
        await Host.CreateNamespaceAsync("explained");
        var child = await PushAsync("explained/many", "child", "one platform");
        var index = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{child.Digest}}","size":{{child.Size}},"platform":{"os":"linux","architecture":"arm64"} }]}""");
        Assert.Equal(HttpStatusCode.Created, (await Host.Admin.PutAsync("/v2/explained/many/manifests/both", ImageHost.Bytes(index, MediaTypes.OciIndex))).StatusCode);
        Assert.Equal(["image explained/many  ", "image explained/many  "], [.. await LinesAsync(Digest.Of(index)), .. (await LinesAsync(child.Digest)).Select(line => line.Replace("platform-image", "image", StringComparison.Ordinal))]);
        var published = await Host.PublishAsync("explained", "index", "1.0.0", ("component.yaml", Samples.ExistingImage("index", $"{Host.Address.Authority}/explained/many:both")));
        Assert.Equal("ready", published["state"]);
        Assert.Equal([$"platform-image explained/index 1.0.0 {Digest.Of(index)}"], await LinesAsync(child.Digest));
        Assert.Equal([$"image-layer explained/index 1.0.0 {Digest.Of(index)}"], (await LinesAsync(Digest.Of("one platform"))).Where(line => line.Contains("1.0.0", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_version_that_was_yanked_or_purged_says_so()
    {
        var yanked = await registry.BuildAsync("explained/over", "1.0.0");
        var form = (await Host.ComponentAsync("explained/over/versions/1.0.0/operator.py")).ETag!.Trim('"');
        await Host.PatchAsync("explained/over/versions/1.0.0", """{"yanked": true}""");
        Assert.Equal("True", Text(Assert.Single(await UsesAsync(yanked["imageDigest"]!)), "yanked"));
        await Host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/explained/over/versions/1.0.0/purge", new { reason = "test" });
        Assert.Equal("purged", Text(Assert.Single(await UsesAsync(form)), "state"));
        Assert.Equal(HttpStatusCode.NotFound, (await Host.GetAsync($"/api/v1/digests/{yanked["imageDigest"]}")).Status);
    }

    [Fact]
    public async Task What_the_caller_may_not_see_is_answered_as_what_is_not_there()
    {
        await Host.CreateNamespaceAsync("hidden", isPrivate: true);
        var layer = LayerSamples.Gzip(LayerSamples.Python("hidden", "1.0"));
        var version = await registry.BuildAsync("hidden/step", "1.0.0", layer);
        var unknown = Digest.Of("nothing");
        var expected = (await Host.GetAsync($"/api/v1/digests/{unknown}"))["detail"]!;
        foreach (var digest in new[] { version["imageDigest"]!, version["bundleDigest"]!, Digest.Of(layer) })
        {
            var answer = await Host.GetAsync($"/api/v1/digests/{digest}");
            Assert.Equal((HttpStatusCode.NotFound, "digest-not-found", expected), (answer.Status, answer["type"], answer["detail"]!.Replace(digest, unknown, StringComparison.Ordinal)));
            Assert.Equal(HttpStatusCode.OK, (await Host.Admin.SendAsync(HttpMethod.Get, $"/api/v1/digests/{digest}")).Status);
        }
    }

    [Fact]
    public async Task Thousands_of_uses_that_the_caller_may_not_see_do_not_hide_those_that_he_may()
    {
        await Host.CreateNamespaceAsync("crowd", isPrivate: true);
        var digest = Digest.Of("a base image of many");
        var layer = LayerSamples.Gzip(LayerSamples.Python("crowded", "1.0"));
        await registry.BuildAsync("crowd/many", "1.0.0", layer);
        var visible = await registry.BuildAsync("explained/few", "1.0.0", layer);
        await using (var db = await Host.Services.GetRequiredService<IDbContextFactory<Claimed.Database.RegistryContext>>().CreateDbContextAsync())
        {
            var hidden = await db.Repositories.SingleAsync(row => row.Name == "crowd/many");
            foreach (var row in await db.Builds.Where(row => row.Version!.Component!.Name == "many").ToListAsync())
                db.BuildBases.AddRange(Enumerable.Range(0, 5001).Select(number => new BuildBase { BuildId = row.Id, Name = $"base:{number}", Digest = digest }));
            foreach (var row in await db.Builds.Where(row => row.Version!.Component!.Name == "few").ToListAsync())
                db.BuildBases.Add(new BuildBase { BuildId = row.Id, Name = "python:3.12", Digest = digest });
            db.ImageReferences.AddRange(Enumerable.Range(0, 5001).Select(number => new Claimed.Database.Images.ImageReference { RepositoryId = hidden.Id, ManifestDigest = Digest.Of($"image {number}"), Digest = Digest.Of(layer) }));
            await db.SaveChangesAsync();
        }
        Assert.Equal(["base-image explained/few 1.0.0 "], await LinesAsync(digest));
        Assert.Equal([$"image-layer explained/few 1.0.0 {visible["imageDigest"]}"], await LinesAsync(Digest.Of(layer)));
    }

    private async Task<IReadOnlyList<JsonElement>> UsesAsync(string digest)
    {
        var answer = await Host.GetAsync($"/api/v1/digests/{digest}?limit=200");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Items;
    }

    /// <summary>Kind, component or repository, version and image of each use.</summary>
    private async Task<IReadOnlyList<string>> LinesAsync(string digest) => [.. (await UsesAsync(digest)).Select(use =>
        $"{Text(use, "kind")} {(Text(use, "namespace") is { } space ? $"{space}/{Text(use, "name")}" : Text(use, "repository"))} {Text(use, "version")} {Text(use, "image")}")];

    private static string? Text(JsonElement use, string name) => use.TryGetProperty(name, out var value) ? value.ToString() : null;

    private async Task<(string Digest, int Size)> PushAsync(string repository, string tag, string content)
    {
        var layer = Encoding.UTF8.GetBytes(content);
        foreach (var blob in new[] { layer, ImageHost.Config })
            await Host.Admin.PostAsync($"/v2/{repository}/blobs/uploads/?digest={Digest.Of(blob)}", ImageHost.Bytes(blob));
        var manifest = ImageHost.ImageOf(layer);
        Assert.Equal(HttpStatusCode.Created, (await Host.Admin.PutAsync($"/v2/{repository}/manifests/{tag}", ImageHost.Bytes(manifest, MediaTypes.OciManifest))).StatusCode);
        return (Digest.Of(manifest), manifest.Length);
    }
}
