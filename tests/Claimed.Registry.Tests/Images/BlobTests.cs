using System.Net;
using System.Net.Http.Headers;
using Claimed.Registry.Storage;
using Xunit;

namespace Claimed.Registry.Tests.Images;

public sealed class BlobTests(ImageHost host) : IClassFixture<ImageHost>
{
    private static readonly byte[] Content = [.. "0123456789"u8];
    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task HEAD_has_the_headers_of_GET_and_no_body()
    {
        var digest = await host.PushBlobAsync(_repository, Content);
        var answer = await host.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/{_repository}/blobs/{digest}"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(10, answer.Content.Headers.ContentLength);
        Assert.Equal(digest, answer.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal("registry/2.0", answer.Headers.GetValues("Docker-Distribution-Api-Version").Single());
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=0-0", "0", "bytes 0-0/10")]
    [InlineData("bytes=2-4", "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", "789", "bytes 7-9/10")]
    [InlineData("bytes=-3", "789", "bytes 7-9/10")]
    [InlineData("bytes=-30", "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=8-99999999999999999999", "89", "bytes 8-9/10")]
    public async Task A_range_gives_that_part(string range, string text, string contentRange)
    {
        var answer = await GetAsync(range);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(contentRange, answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(text, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=500-0")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999999999999999-")]
    public async Task A_range_beyond_the_blob_is_416_with_its_size(string range)
    {
        var answer = await GetAsync(range);
        await ImageHost.AssertErrorAsync(answer, HttpStatusCode.RequestedRangeNotSatisfiable, "RANGE_INVALID");
        Assert.Equal("bytes */10", answer.Content.Headers.ContentRange!.ToString());
    }

    [Theory]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("bytes=a-b")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=")]
    public async Task Several_ranges_and_malformed_ones_give_the_whole(string range)
    {
        var answer = await GetAsync(range);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Content, await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_range_of_another_copy_gives_the_whole()
    {
        var digest = await host.PushBlobAsync(_repository, Content);
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{_repository}/blobs/{digest}");
        request.Headers.Range = new RangeHeaderValue(0, 1);
        request.Headers.IfRange = new RangeConditionHeaderValue("\"another\"");
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_client_that_has_the_blob_gets_304()
    {
        var digest = await host.PushBlobAsync(_repository, Content);
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{_repository}/blobs/{digest}");
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue($"\"{digest}\""));
        Assert.Equal(HttpStatusCode.NotModified, (await host.Anonymous.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task The_empty_blob_can_be_pushed_and_pulled()
    {
        var digest = await host.PushBlobAsync(_repository, []);
        Assert.Empty(await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/blobs/{digest}"));
    }

    [Fact]
    public async Task A_blob_that_is_absent_or_no_digest_is_named_so()
    {
        await host.PushBlobAsync(_repository, Content);
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/blobs/{Digest.Of("absent")}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/blobs/sha256:short"), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/blobs/..%2F..%2Fregistry.db"), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await ImageHost.AssertErrorAsync(await host.Admin.DeleteAsync($"/v2/{_repository}/blobs/{Digest.Of("absent")}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task A_deleted_blob_is_gone_here_and_stays_elsewhere()
    {
        var other = ImageHost.NewRepository();
        var digest = await host.PushBlobAsync(_repository, Content);
        await host.PushBlobAsync(other, Content);
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/blobs/{digest}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Anonymous.GetAsync($"/v2/{_repository}/blobs/{digest}")).StatusCode);
        Assert.Equal(Content, await host.Anonymous.GetByteArrayAsync($"/v2/{other}/blobs/{digest}"));
    }

    [Fact]
    public async Task A_blob_that_an_image_needs_cannot_be_deleted_until_the_image_is()
    {
        var image = await host.PushImageAsync(_repository, "one", "needed");
        var layer = $"/v2/{_repository}/blobs/{Digest.Of("needed")}";
        await ImageHost.AssertErrorAsync(await host.Admin.DeleteAsync(layer), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        Assert.Equal("needed", await host.Anonymous.GetStringAsync(layer));
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{image}")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync(layer)).StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(string range)
    {
        var digest = await host.PushBlobAsync(_repository, Content);
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{_repository}/blobs/{digest}");
        request.Headers.TryAddWithoutValidation("Range", range);
        return await host.Anonymous.SendAsync(request);
    }
}
