using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

public sealed class UploadTests(ImageHost host) : IClassFixture<ImageHost>
{
    private static readonly byte[] Content = [.. "0123456789"u8];
    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task An_upload_in_one_request_stores_the_blob()
    {
        var digest = Digest.Of(Content);
        var answer = await host.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/?digest={digest}", ImageHost.Bytes(Content));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal($"/v2/{_repository}/blobs/{digest}", answer.Headers.Location!.OriginalString);
        Assert.Equal(digest, answer.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(Content, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/blobs/{digest}"));
    }

    [Fact]
    public async Task Chunks_with_ranges_and_a_last_one_in_the_PUT_make_the_blob()
    {
        var url = await host.StartUploadAsync(_repository);
        var first = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[..4], "0-3"));
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal("0-3", first.Headers.GetValues("Range").Single());
        var second = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, first.Headers.Location!.OriginalString, Content[4..7], "4-6"));
        Assert.Equal("0-6", second.Headers.GetValues("Range").Single());
        var last = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={Digest.Of(Content)}", Content[7..], "7-9"));
        Assert.Equal(HttpStatusCode.Created, last.StatusCode);
        Assert.Equal(Content, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/blobs/{Digest.Of(Content)}"));
    }

    [Fact]
    public async Task A_large_body_without_a_length_is_streamed_as_docker_does_it()
    {
        var bytes = RandomNumberGenerator.GetBytes(31_000_000);
        var url = await host.StartUploadAsync(_repository);
        var request = new HttpRequestMessage(HttpMethod.Patch, url) { Content = new StreamContent(new MemoryStream(bytes)) };
        request.Headers.TransferEncodingChunked = true;
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.SendAsync(request)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await host.Admin.PutAsync($"{url}?digest={Digest.Of(bytes)}", null)).StatusCode);
        Assert.Equal(Digest.Of(bytes), Digest.Of(await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/blobs/{Digest.Of(bytes)}")));
    }

    [Theory]
    [InlineData("5-9", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("0-4", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("4-12", HttpStatusCode.BadRequest)]
    [InlineData("4-", HttpStatusCode.BadRequest)]
    [InlineData("9-4", HttpStatusCode.BadRequest)]
    [InlineData("4-99999999999999999999", HttpStatusCode.BadRequest)]
    [InlineData("four-nine", HttpStatusCode.BadRequest)]
    public async Task A_chunk_out_of_order_or_with_a_wrong_range_leaves_the_upload_as_it_was(string range, HttpStatusCode status)
    {
        var url = await host.StartUploadAsync(_repository);
        await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[..4], "0-3"));
        var wrong = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[4..], range));
        await ImageHost.AssertErrorAsync(wrong, status, "BLOB_UPLOAD_INVALID");
        var standing = await host.Admin.GetAsync(url);
        Assert.Equal(HttpStatusCode.NoContent, standing.StatusCode);
        Assert.Equal("0-3", standing.Headers.GetValues("Range").Single());
        await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[4..], "4-9"));
        Assert.Equal(HttpStatusCode.Created, (await host.Admin.PutAsync($"{url}?digest={Digest.Of(Content)}", null)).StatusCode);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public async Task A_streamed_chunk_that_disagrees_with_its_range_is_not_taken(int length)
    {
        var url = await host.StartUploadAsync(_repository);
        await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[..4], "0-3"));
        var request = ImageHost.Chunk(HttpMethod.Patch, url, new byte[length], "4-9");
        request.Headers.TransferEncodingChunked = true;
        await ImageHost.AssertErrorAsync(await host.Admin.SendAsync(request), HttpStatusCode.BadRequest, "BLOB_UPLOAD_INVALID");
        await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[4..], "4-9"));
        Assert.Equal(HttpStatusCode.Created, (await host.Admin.PutAsync($"{url}?digest={Digest.Of(Content)}", null)).StatusCode);
    }

    [Fact]
    public async Task A_416_says_where_the_upload_goes_on()
    {
        var url = await host.StartUploadAsync(_repository);
        await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[..4], null));
        var answer = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[..4], "0-3"));
        Assert.Equal("0-3", answer.Headers.GetValues("Range").Single());
        Assert.Equal(url, answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Content_that_is_not_its_digest_is_refused_and_nothing_is_visible()
    {
        var wrong = Digest.Of("something else");
        var whole = await host.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/?digest={wrong}", ImageHost.Bytes(Content));
        await ImageHost.AssertErrorAsync(whole, HttpStatusCode.BadRequest, "DIGEST_INVALID");
        var url = await host.StartUploadAsync(_repository);
        await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[..4], null));
        var put = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={Digest.Of(Content)}", [1, 2, 3], null));
        await ImageHost.AssertErrorAsync(put, HttpStatusCode.BadRequest, "DIGEST_INVALID");
        Assert.Equal(HttpStatusCode.NotFound, (await host.Anonymous.GetAsync($"/v2/{_repository}/blobs/{wrong}")).StatusCode);
        // The failed part is taken back, so the right end still makes the blob.
        put = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={Digest.Of(Content)}", Content[4..], null));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:abc")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:ZZZZ15ad5e8aa1de4c5f5a4e53bbe5fcb4ae75a2a5e3e5d5b6a31fca83f0d5b9")]
    public async Task A_digest_outside_the_grammar_is_refused(string digest)
    {
        var url = await host.StartUploadAsync(_repository);
        await ImageHost.AssertErrorAsync(await host.Admin.PutAsync($"{url}?digest={digest}", ImageHost.Bytes(Content)), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        var whole = await host.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/?digest={digest}", ImageHost.Bytes(Content));
        await ImageHost.AssertErrorAsync(whole, HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Fact]
    public async Task A_blob_by_sha512_is_kept_under_that_digest()
    {
        var digest = "sha512:" + Convert.ToHexStringLower(SHA512.HashData(Content));
        var url = await host.StartUploadAsync(_repository);
        await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content, null));
        var put = await host.Admin.PutAsync($"{url}?digest={digest}", null);
        Assert.Equal(digest, put.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(Content, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/blobs/{digest}"));
    }

    [Fact]
    public async Task An_upload_belongs_to_its_repository()
    {
        var url = await host.StartUploadAsync(_repository);
        var elsewhere = url.Replace(_repository, ImageHost.NewRepository(), StringComparison.Ordinal);
        await ImageHost.AssertErrorAsync(await host.Admin.GetAsync(elsewhere), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ImageHost.AssertErrorAsync(await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, elsewhere, Content, null)), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("..%2f..%2fregistry.db")]
    public async Task An_unknown_upload_is_named_so(string id)
    {
        await ImageHost.AssertErrorAsync(await host.Admin.PutAsync($"/v2/{_repository}/blobs/uploads/{id}?digest={Digest.Of(Content)}", null),
            HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task A_cancelled_upload_is_gone()
    {
        var url = await host.StartUploadAsync(_repository);
        Assert.Equal(HttpStatusCode.NoContent, (await host.Admin.DeleteAsync(url)).StatusCode);
        await ImageHost.AssertErrorAsync(await host.Admin.GetAsync(url), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task A_blob_is_visible_only_where_it_was_pushed_or_mounted()
    {
        var digest = await host.PushBlobAsync(_repository, Content);
        var other = ImageHost.NewRepository();
        await host.PushBlobAsync(other, [7]);
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{other}/blobs/{digest}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        var mount = await host.Admin.PostAsync($"/v2/{other}/blobs/uploads/?mount={digest}&from={_repository}", null);
        Assert.Equal(HttpStatusCode.Created, mount.StatusCode);
        Assert.Equal($"/v2/{other}/blobs/{digest}", mount.Headers.Location!.OriginalString);
        Assert.Equal(Content, await host.Anonymous.GetByteArrayAsync($"/v2/{other}/blobs/{digest}"));
        mount = await host.Admin.PostAsync($"/v2/{ImageHost.NewRepository()}/blobs/uploads/?mount={digest}", null);
        Assert.Equal(HttpStatusCode.Created, mount.StatusCode);
    }

    [Theory]
    [InlineData("acme/nothing-here")]
    [InlineData("NOT A NAME")]
    public async Task Mounting_what_is_absent_starts_an_upload_that_works(string from)
    {
        var answer = await host.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/?mount={Digest.Of("absent")}&from={Uri.EscapeDataString(from)}", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var put = await host.Admin.PutAsync($"{answer.Headers.Location!.OriginalString}?digest={Digest.Of(Content)}", ImageHost.Bytes(Content));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
    }

    [Fact]
    public async Task Of_a_request_that_is_cut_off_what_arrived_is_kept()
    {
        var bytes = RandomNumberGenerator.GetBytes(1_000_000);
        var url = await host.StartUploadAsync(_repository);
        var address = host.Registry.Address;
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(address.Host, address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"PATCH {url} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\nContent-Length: {bytes.Length}\r\n\r\n"));
            await client.GetStream().WriteAsync(bytes.AsMemory(0, 600_000));
            await WaitForBytesAsync(url, 500_000);
        }
        // The request that follows waits until the cut one has ended.
        var wrong = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, [1], "999999-999999"));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, wrong.StatusCode);
        var length = await LengthAsync(url);
        Assert.InRange(length, 500_000, 600_000);
        var rest = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={Digest.Of(bytes)}", bytes[length..], $"{length}-999999"));
        Assert.Equal(HttpStatusCode.Created, rest.StatusCode);
    }

    [Fact]
    public async Task An_upload_goes_on_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("claimed-test-").FullName;
        try
        {
            string url;
            await using (var before = await RegistryHost.StartAsync(dataPath: data))
            {
                url = (await before.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/", null)).Headers.Location!.OriginalString;
                await before.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content[..5], null));
            }
            await using var after = await RegistryHost.StartAsync(dataPath: data);
            Assert.Equal("0-4", (await after.Admin.GetAsync(url)).Headers.GetValues("Range").Single());
            var put = await after.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={Digest.Of(Content)}", Content[5..], null));
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task A_body_that_stands_still_is_ended_and_what_arrived_is_kept()
    {
        await using var registry = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Images:IdleTimeout"] = "00:00:01" });
        var url = (await registry.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/", null)).Headers.Location!.OriginalString;
        using var client = new TcpClient();
        await client.ConnectAsync(registry.Address.Host, registry.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PATCH {url} HTTP/1.1\r\nHost: {registry.Address.Authority}\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\nContent-Length: 10\r\n\r\n01234"));
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 408 Request Timeout", await reader.ReadLineAsync());
        Assert.Equal("0-4", (await registry.Admin.GetAsync(url)).Headers.GetValues("Range").Single());
    }

    [Fact]
    public async Task An_upload_that_nobody_continues_is_removed()
    {
        await using var registry = await RegistryHost.StartAsync();
        var url = (await registry.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/", null)).Headers.Location!.OriginalString;
        var sessions = (Registry.Images.UploadSessions)registry.Services.GetService(typeof(Registry.Images.UploadSessions))!;
        Assert.Equal(0, (await sessions.ExpireAsync(countOnly: false, CancellationToken.None)).Count);
        File.SetLastWriteTimeUtc(Directory.EnumerateFiles(Path.Combine(registry.DataPath, "uploads")).Single(), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));
        Assert.Equal(1, (await sessions.ExpireAsync(countOnly: true, CancellationToken.None)).Count);
        Assert.Equal(1, (await sessions.ExpireAsync(countOnly: false, CancellationToken.None)).Count);
        Assert.Equal(HttpStatusCode.NotFound, (await registry.Admin.GetAsync(url)).StatusCode);
    }

    private async Task WaitForBytesAsync(string url, int length)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await LengthAsync(url) < length)
            await Task.Delay(20, limit.Token);
    }

    private async Task<int> LengthAsync(string url) =>
        int.Parse((await host.Admin.GetAsync(url)).Headers.GetValues("Range").Single().Split('-')[1]) + 1;
}
