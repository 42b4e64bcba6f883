using System.Net;
using System.Net.Sockets;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

public sealed class NameTests(ImageHost host) : IClassFixture<ImageHost>
{
    [Theory]
    [InlineData("acme/deep/er/and/deeper")]
    [InlineData("acme/a.b_c__d---e")]
    [InlineData("acme/blobs/uploads")]
    [InlineData("acme/manifests")]
    [InlineData("acme/tags/list")]
    [InlineData("acme/v2/blobs/sha256")]
    public async Task A_name_may_be_deep_and_contain_the_fixed_words(string repository)
    {
        var digest = await host.PushImageAsync(repository, "one");
        Assert.Equal(digest, Digest.Of(await host.Anonymous.GetByteArrayAsync($"/v2/{repository}/manifests/one")));
        Assert.Equal($$"""{"name":"{{repository}}","tags":["one"]}""", await host.Anonymous.GetStringAsync($"/v2/{repository}/tags/list"));
    }

    [Theory]
    [InlineData("single")]
    [InlineData("Upper/case")]
    [InlineData("acme/Upper")]
    [InlineData("acme/a..b")]
    [InlineData("acme/-a")]
    [InlineData("acme/a_")]
    [InlineData("acme//a")]
    [InlineData("acme/a___b")]
    [InlineData("acme/%C3%A9")]
    [InlineData("acme/a%2Fb")]
    [InlineData("acme/a%20b")]
    [InlineData("acme/a%0Ab")]
    [InlineData("a.b/c")]
    [InlineData("api/thing")]
    [InlineData("acme/'%3B--")]
    public async Task A_name_outside_the_grammar_is_refused(string name)
    {
        foreach (var path in new[] { $"/v2/{name}/tags/list", $"/v2/{name}/manifests/one", $"/v2/{name}/blobs/{Digest.Of("x")}", $"/v2/{name}/referrers/{Digest.Of("x")}" })
            await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync(path), HttpStatusCode.BadRequest, "NAME_INVALID");
        await ImageHost.AssertErrorAsync(await host.Admin.PostAsync($"/v2/{name}/blobs/uploads/", null), HttpStatusCode.BadRequest, "NAME_INVALID");
    }

    [Fact]
    public async Task A_name_has_up_to_255_characters()
    {
        var longest = "acme/" + string.Join('/', Enumerable.Repeat("a", 125)) + "b";
        Assert.Equal(255, longest.Length);
        await host.PushImageAsync(longest, "one");
        await ImageHost.AssertErrorAsync(await host.Admin.PostAsync($"/v2/{longest}c/blobs/uploads/", null), HttpStatusCode.BadRequest, "NAME_INVALID");
        await ImageHost.AssertErrorAsync(await host.Admin.GetAsync($"/v2/acme/{string.Concat(Enumerable.Repeat("a/", 3000))}tags/list"), HttpStatusCode.BadRequest, "NAME_INVALID");
    }

    [Theory]
    [InlineData("/v2/acme/one")]
    [InlineData("/v2/_catalog")]
    [InlineData("/v2/acme/one/tags")]
    [InlineData("/v2/acme/one/manifests")]
    [InlineData("/v2/acme/one/unknown/thing")]
    public async Task A_path_that_is_none_of_the_store_is_404(string path) =>
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync(path), HttpStatusCode.NotFound, "NAME_UNKNOWN");

    [Theory]
    [InlineData("/v2/../../etc/passwd")]
    [InlineData("/v2/acme/../../x/manifests/one")]
    [InlineData("/v2/acme/%2e%2e/%2e%2e/blobs/uploads/")]
    [InlineData("/v2/acme/one/blobs/../../../registry.db")]
    [InlineData("/v2/acme/one/manifests/%00")]
    [InlineData("/v2/acme/one/manifests/%zz")]
    [InlineData("/v2/acme/one/blobs/uploads/%2e%2e%2fregistry.db")]
    [InlineData("/v2/////")]
    [InlineData("/v2/acme\\one\\tags\\list")]
    public async Task A_hostile_path_gets_a_4xx(string path)
    {
        foreach (var method in new[] { "GET", "PUT", "POST", "DELETE", "PATCH" })
        {
            var status = await RawAsync(method, path);
            Assert.True(status is >= 400 and < 500, $"{method} {path}: {status}");
        }
    }

    [Theory]
    [InlineData("POST", "manifests/one")]
    [InlineData("PATCH", "tags/list")]
    [InlineData("PUT", "blobs/uploads/")]
    [InlineData("DELETE", "referrers/sha256:0")]
    [InlineData("OPTIONS", "manifests/one")]
    public async Task A_method_that_a_resource_does_not_have_is_405(string method, string resource)
    {
        var answer = await host.Admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), $"/v2/acme/one/{resource}"));
        await ImageHost.AssertErrorAsync(answer, HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        Assert.NotEmpty(answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task After_an_error_with_an_unread_body_the_connection_goes_on()
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = host.Registry.Address };
        for (var round = 0; round < 3; round++)
        {
            var answer = await client.PutAsync("/v2/acme/one/manifests/one", ImageHost.Bytes(new byte[3_000_000], MediaTypes.OciManifest));
            await ImageHost.AssertErrorAsync(answer, HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v2/")).StatusCode);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_continue_gets_it()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v2/acme/waits/blobs/uploads/?digest={Digest.Of("waited")}") { Content = ImageHost.Bytes("waited"u8.ToArray()) };
        request.Headers.ExpectContinue = true;
        Assert.Equal(HttpStatusCode.Created, (await host.Admin.SendAsync(request)).StatusCode);
    }

    /// <summary>The path as it is: HttpClient would clean it.</summary>
    private async Task<int> RawAsync(string method, string path)
    {
        var address = host.Registry.Address;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());
        return int.Parse((await reader.ReadLineAsync())!.Split(' ')[1]);
    }
}
