using System.Net;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Images of private namespaces, and of none: nothing tells of them to who may not pull them, in no answer and from no cache.</summary>
public sealed class ImageSightTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_pass_is_given_for_an_absent_namespace_as_little_as_for_a_hidden_one()
    {
        await _host.CreateNamespaceAsync("veiled", isPrivate: true, ("vic", "publisher"));
        await _host.CreateNamespaceAsync("plain", isPrivate: false, ("saul", "owner"));
        foreach (var token in new[] { null, await _host.TokenAsync("saul") })
        {
            foreach (var space in new[] { "veiled", "absent" })
                Assert.Equal("[]", await GrantedAsync(token, $"repository:{space}/image:pull,push,delete"));
        }
        Assert.Contains("plain/image", await GrantedAsync(null, "repository:plain/image:pull"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_create_namespaces_takes_over_no_images_that_others_pushed()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Access:NamespacesBy"] = "Everyone" });
        await host.CreateNamespaceAsync("first", isPrivate: false, ("newt", "reader"));
        using var newt = host.With(await host.TokenAsync("newt"));
        await PushAsync(host.Admin, "ghosts/app", "one", "layer");
        Assert.Equal(HttpStatusCode.OK, (await newt.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/ghosts")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await newt.SendAsync(HttpMethod.Put, "/v2/ghosts/app/manifests/one", Manifest("layer"))).Status);

        // As it was when repositories needed no namespace.
        await TestDatabase.ExecuteAsync(host.DataPath, """INSERT INTO image_repositories ("Name", "CreatedAt") VALUES ('relics/app', 1)""");
        Assert.Equal("namespace-not-found", (await newt.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/relics"))["type"]);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("/api/v1/namespaces/relics")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/v2/relics/app/tags/list")).Status);
        // As clients do before they push: from here on the registry knows the repository.
        Assert.Equal(HttpStatusCode.NotFound, (await host.Admin.GetAsync($"/v2/relics/app/blobs/sha256:{new string('0', 64)}")).StatusCode);
        await PushAsync(host.Admin, "relics/app", "one", "layer");
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v2/relics/app/tags/list")).Status);
    }

    [Fact]
    public async Task An_image_that_the_caller_may_not_pull_is_not_there_for_publishing_and_validating()
    {
        await _host.CreateNamespaceAsync("kept", isPrivate: true, ("kim", "publisher"));
        await _host.CreateNamespaceAsync("foreign", isPrivate: false, ("fay", "publisher"));
        using var kim = _host.With(await _host.TokenAsync("kim"));
        using var fay = _host.With(await _host.TokenAsync("fay"));
        var digest = await PushAsync(_host.Admin, "kept/image", "here", "kept layer");
        foreach (var reference in new[] { "kept/image:here", $"kept/image@{digest}" })
        {
            foreach (var client in new[] { _host.Anonymous, fay })
            {
                var (hidden, absent) = (await ValidateAsync(client, reference), await ValidateAsync(client, reference.Replace("kept", "gone", StringComparison.Ordinal)));
                Assert.Equal("false", hidden["valid"]);
                Assert.Equal(absent.Text, hidden.Text.Replace("kept", "gone", StringComparison.Ordinal));
            }
            Assert.Equal("true", (await ValidateAsync(kim, reference))["valid"]);
            var published = await PublishAsync(fay, "foreign", reference);
            Assert.Equal(("invalid-component", false), (published["type"], published.Text.Contains("@sha256:", StringComparison.Ordinal) && !reference.Contains('@')));
            Assert.Equal(["image-not-found"], published.FindingCodes);
        }
        Assert.EndsWith(digest, (await PublishAsync(kim, "kept", "kept/image:here"))["image"], StringComparison.Ordinal);

        static Task<Answer> ValidateAsync(HttpClient client, string reference) => client.SendAsync(HttpMethod.Post, "/api/v1/components/any/validate", Upload(reference));
        static Task<Answer> PublishAsync(HttpClient client, string space, string reference) => client.SendAsync(HttpMethod.Put, $"/api/v1/components/{space}/tool/versions/1.0.0", Upload(reference));
        static HttpContent Upload(string reference) => new Multipart().Source("tool.py", Samples.Script()).Field("image", $"localhost:8080/{reference}").ToContent();
    }

    [Fact]
    public async Task No_cache_on_the_way_keeps_a_private_image_for_others()
    {
        await _host.CreateNamespaceAsync("sealed", isPrivate: true, ("sid", "publisher"));
        using var sid = _host.With(await _host.TokenAsync("sid"));
        foreach (var (space, client, isPublic) in new[] { ("sealed", sid, false), ("sealed", _host.Admin, false), ("unsealed", _host.Anonymous, true) })
        {
            var digest = await PushAsync(_host.Admin, $"{space}/image", "one", "sealed layer");
            foreach (var path in new[] { $"blobs/{Digest.Of("sealed layer")}", $"manifests/{digest}" })
            {
                foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
                {
                    var answer = await client.SendAsync(method, $"/v2/{space}/image/{path}");
                    Assert.Equal(HttpStatusCode.OK, answer.Status);
                    Assert.Equal($"{(isPublic ? "public" : "private")}, max-age=31536000, immutable", Assert.Single(answer.Message.Headers.GetValues("Cache-Control").SelectMany(value => new[] { Ordered(value) })));
                }
            }
            Assert.Equal(isPublic, !(await client.SendAsync(HttpMethod.Get, $"/v2/{space}/image/manifests/one")).Message.Headers.CacheControl!.Private);
        }

        static string Ordered(string value) => string.Join(", ", value.Split(", ").OrderBy(part => part.StartsWith('p') ? 0 : part.StartsWith('m') ? 1 : 2));
    }

    [Fact]
    public async Task A_pass_for_pushing_alone_asks_for_what_is_there_already_in_its_repository_and_in_no_other()
    {
        await _host.CreateNamespaceAsync("pushed", isPrivate: true, ("pete", "publisher"));
        var pete = await _host.TokenAsync("pete");
        var digest = await PushAsync(_host.Admin, "pushed/image", "one", "pushed layer");
        await PushAsync(_host.Admin, "pushed/other", "one", "pushed layer");
        using var pass = _host.With(await PassAsync(pete, "repository:pushed/image:push"));
        Assert.Equal(HttpStatusCode.Accepted, (await pass.SendAsync(HttpMethod.Post, "/v2/pushed/image/blobs/uploads/")).Status);
        Assert.Equal(HttpStatusCode.OK, (await pass.SendAsync(HttpMethod.Head, $"/v2/pushed/image/blobs/{Digest.Of("pushed layer")}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await pass.SendAsync(HttpMethod.Head, $"/v2/pushed/image/blobs/{Digest.Of("other layer")}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await pass.SendAsync(HttpMethod.Head, $"/v2/pushed/image/manifests/{digest}")).Status);
        Assert.Equal(HttpStatusCode.Created, (await pass.SendAsync(HttpMethod.Put, "/v2/pushed/image/manifests/two", Manifest("pushed layer"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await pass.SendAsync(HttpMethod.Head, "/v2/pushed/other/manifests/one")).Status);
        using var pulls = _host.With(await PassAsync(pete, "repository:pushed/image:pull"));
        Assert.Equal(HttpStatusCode.OK, (await pulls.SendAsync(HttpMethod.Head, "/v2/pushed/image/manifests/one")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await pulls.SendAsync(HttpMethod.Put, "/v2/pushed/image/manifests/three", Manifest("pushed layer"))).Status);
    }

    [Fact]
    public async Task The_tag_of_a_purged_version_says_why_it_is_gone()
    {
        await _host.PublishReadyAsync("cleaned", "tool", "1.0.0");
        await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/cleaned/tool/versions/1.0.0/purge", new { reason = "Holds a key." });
        var answer = await _host.GetAsync("/v2/cleaned/tool/manifests/1.0.0");
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Contains("Holds a key.", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("removed", (await _host.GetAsync("/v2/cleaned/tool/manifests/1.0.1")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_push_and_the_deletion_of_its_namespace_one_is_refused()
    {
        await _host.CreateNamespaceAsync("start", isPrivate: false, ("ruth", "reader"));
        using var ruth = _host.With(await _host.TokenAsync("ruth"));
        for (var round = 0; round < 20; round++)
        {
            var space = $"racing-{round}";
            await _host.CreateNamespaceAsync(space, isPrivate: true, ("ruth", "publisher"));
            var answers = await Task.WhenAll(
                ruth.SendAsync(HttpMethod.Post, $"/v2/{space}/image/blobs/uploads/?digest={Digest.Of("raced")}", ImageHost.Bytes("raced"u8.ToArray())),
                _host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{space}"));
            var (pushed, deleted) = (answers[0].Status, answers[1].Status);
            // Whose right ended with the namespace while the push was under way is asked to sign in again.
            Assert.Contains((pushed, deleted), new[]
            {
                (HttpStatusCode.Created, HttpStatusCode.Conflict), (HttpStatusCode.NotFound, HttpStatusCode.NoContent), (HttpStatusCode.Unauthorized, HttpStatusCode.NoContent),
            });
            Assert.Equal(deleted == HttpStatusCode.NoContent ? 0L : 1L, (await TestDatabase.QueryAsync(_host.DataPath, $"""SELECT count(*) FROM image_repositories WHERE "Name" = '{space}/image'""")).Single());
            Assert.Equal(deleted == HttpStatusCode.NoContent ? HttpStatusCode.NotFound : HttpStatusCode.OK, (await _host.Admin.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{space}")).Status);
        }
    }

    /// <summary>Pushes config, one layer and a manifest; returns the manifest's digest.</summary>
    private static async Task<string> PushAsync(HttpClient client, string repository, string tag, string layer)
    {
        foreach (var blob in new[] { System.Text.Encoding.UTF8.GetBytes(layer), ImageHost.Config })
            Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/?digest={Digest.Of(blob)}", ImageHost.Bytes(blob))).Status);
        var answer = await client.SendAsync(HttpMethod.Put, $"/v2/{repository}/manifests/{tag}", Manifest(layer));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Message.Headers.GetValues("Docker-Content-Digest").Single();
    }

    private static ByteArrayContent Manifest(string layer) => ImageHost.Bytes(ImageHost.ImageOf(System.Text.Encoding.UTF8.GetBytes(layer)), MediaTypes.OciManifest);

    private async Task<string> PassAsync(string? token, string scope)
    {
        (string, string)[] headers = token is null ? [] : [("Authorization", "Bearer " + token)];
        return (await _host.GetAsync($"/token?service=x&scope={scope}", headers))["token"]!;
    }

    private async Task<string> GrantedAsync(string? token, string scope) =>
        new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(await PassAsync(token, scope)).GetPayloadValue<System.Text.Json.JsonElement>("access").GetRawText();
}
