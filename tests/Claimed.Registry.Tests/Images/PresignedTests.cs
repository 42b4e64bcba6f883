using System.Net;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>With <c>Blobs__S3__PresignedRedirects</c> clients fetch layers from the S3 server itself.</summary>
[Trait("Database", "any")]
public sealed class PresignedTests : IAsyncLifetime
{
    private readonly string _repository = ImageHost.NewRepository();
    private RegistryHost _registry = null!;
    private HttpClient _client = null!;
    private byte[] _layer = [];
    private string _url = "";

    public async ValueTask InitializeAsync()
    {
        var settings = (await TestBlobs.ServerAsync("s3rver")).Settings($"{Guid.CreateVersion7():N}/");
        settings["Blobs:S3:PresignedRedirects"] = "true";
        _registry = await RegistryHost.StartAsync(settings);
        await _registry.CreateNamespaceAsync("acme");
        _client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _registry.Address };
        _client.DefaultRequestHeaders.Authorization = _registry.Admin.DefaultRequestHeaders.Authorization;
        _layer = RandomNumberGenerator.GetBytes(100_000);
        _url = await PushAsync(_layer);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task A_layer_comes_from_the_server_by_an_address_that_needs_no_token()
    {
        var answer = await _client.GetAsync(_url);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        Assert.Equal(Digest.Of(_layer), answer.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.StartsWith((await TestBlobs.ServerAsync("s3rver")).Address, answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        using var anyone = new HttpClient();
        Assert.Equal(_layer, await anyone.GetByteArrayAsync(answer.Headers.Location));
        Assert.Equal(_layer, await _registry.Admin.GetByteArrayAsync(_url));
    }

    [Fact]
    public async Task A_head_a_small_blob_and_a_stranger_stay_here()
    {
        var head = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, _url));
        Assert.Equal((HttpStatusCode.OK, 100_000L), (head.StatusCode, head.Content.Headers.ContentLength));
        var small = await PushAsync("small"u8.ToArray());
        Assert.Equal("small", await (await _client.GetAsync(small)).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync(_url.Replace(_repository, "acme/other", StringComparison.Ordinal))).StatusCode);
    }

    private async Task<string> PushAsync(byte[] content)
    {
        var pushed = await _client.PostAsync($"/v2/{_repository}/blobs/uploads/?digest={Digest.Of(content)}", ImageHost.Bytes(content));
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        return $"/v2/{_repository}/blobs/{Digest.Of(content)}";
    }
}
