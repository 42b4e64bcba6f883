using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Claimed.Registry.Access;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Mounts as clients ask for them: with a pass, which is for the repository that they push to.</summary>
[Trait("Database", "any")]
public sealed class MountTests(ImageHost host) : IClassFixture<ImageHost>
{
    private static readonly byte[] _content = [.. "mounted"u8];
    private readonly string _repository = ImageHost.NewRepository();
    private readonly string _source = ImageHost.NewRepository();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_everyone_may_pull_is_mounted_with_a_pass_for_the_target_alone(bool isNamed)
    {
        var digest = await host.PushBlobAsync(_source, _content);
        var pass = await PassAsync(RegistryHost.AdminToken, $"repository:{_repository}:pull,push");
        var mount = await MountAsync(_repository, digest, isNamed ? _source : null, pass);
        Assert.Equal(HttpStatusCode.Created, mount.StatusCode);
        Assert.Equal(digest, mount.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(_content, await host.Anonymous.GetByteArrayAsync(mount.Headers.Location!.OriginalString));
    }

    [Fact]
    public async Task From_a_private_repository_a_pass_for_both_is_asked_for_and_mounts()
    {
        var (space, digest) = await PrivateBlobAsync();
        var pass = await PassAsync(RegistryHost.AdminToken, $"repository:{_repository}:pull,push");
        var asked = await MountAsync(_repository, digest, $"{space}/box", pass);
        await ImageHost.AssertErrorAsync(asked, HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        var challenge = asked.Headers.WwwAuthenticate.Single().ToString();
        Assert.Contains($"scope=\"repository:{_repository}:pull,push repository:{space}/box:pull\"", challenge, StringComparison.Ordinal);

        var both = await PassAsync(RegistryHost.AdminToken, $"repository:{_repository}:pull,push repository:{space}/box:pull");
        Assert.Equal(HttpStatusCode.Created, (await MountAsync(_repository, digest, $"{space}/box", both)).StatusCode);
    }

    [Fact]
    public async Task Who_may_not_pull_it_is_told_nothing_and_gets_an_upload()
    {
        var (space, digest) = await PrivateBlobAsync();
        await host.Registry.CreateNamespaceAsync("acme", isPrivate: false, ("petra", "publisher"));
        var token = await host.Registry.TokenAsync("petra");
        var pass = await PassAsync(token, $"repository:{_repository}:pull,push repository:{space}/box:pull");
        var ticket = host.Registry.Services.GetRequiredService<PushTickets>().Issue(_repository, "build-1-1", TimeSpan.FromMinutes(1));
        foreach (var credential in new[] { token, pass, ticket, await PassAsync(ticket, $"repository:{_repository}:pull,push repository:{space}/box:pull") })
        {
            foreach (var from in new[] { $"{space}/box", "nobody/has-this", null })
                Assert.Equal(HttpStatusCode.Accepted, (await MountAsync(_repository, digest, from, credential)).StatusCode);
        }
        await ImageHost.AssertErrorAsync(await host.Admin.GetAsync($"/v2/{_repository}/blobs/{digest}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task The_engine_of_a_build_mounts_what_lies_in_the_namespace_that_it_builds_for()
    {
        var (space, digest) = await PrivateBlobAsync();
        var ticket = host.Registry.Services.GetRequiredService<PushTickets>().Issue($"{space}/tool", "build-1-1", TimeSpan.FromMinutes(1));
        foreach (var credential in new[] { ticket, await PassAsync(ticket, $"repository:{space}/tool:pull,push repository:{space}/box:pull") })
            Assert.Equal(HttpStatusCode.Created, (await MountAsync($"{space}/tool", digest, $"{space}/box", credential)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await MountAsync($"{space}/tool", digest, "nobody/has-this", ticket)).StatusCode);
    }

    private async Task<(string Space, string Digest)> PrivateBlobAsync()
    {
        var space = "hidden-" + _source.Split('-')[1];
        await host.Registry.CreateNamespaceAsync(space, isPrivate: true);
        var content = (byte[])[.. _content, .. System.Text.Encoding.UTF8.GetBytes(space)];
        return (space, await host.PushBlobAsync($"{space}/box", content));
    }

    private async Task<string> PassAsync(string token, string scope)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/token?service=x&scope={Uri.EscapeDataString(scope)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"anyone:{token}")));
        using var document = JsonDocument.Parse(await (await host.Anonymous.SendAsync(request)).Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("token").GetString()!;
    }

    private Task<HttpResponseMessage> MountAsync(string repository, string digest, string? from, string credential)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/?mount={digest}{(from is null ? "" : "&from=" + from)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        return host.Anonymous.SendAsync(request);
    }
}
