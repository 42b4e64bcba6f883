using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Two nodes on one database and one blob store: a balancer may send each request of an upload to another of them.</summary>
[Trait("Database", "own")]
public abstract class NodeUploadTests(NodePair nodes)
{
    private readonly string _repository = ImageHost.NewRepository();

    protected static byte[] Content { get; } = [.. "0123456789"u8];

    protected RegistryHost First => nodes.First;

    protected RegistryHost Second => nodes.Second;

    protected string Repository => _repository;

    protected string FirstData => nodes.FirstData;

    [Fact]
    public async Task An_upload_goes_from_node_to_node_and_back()
    {
        var url = await StartAsync();
        Assert.Equal("0-3", Range(await ChunkAsync(First, url, Content[..4], "0-3")));
        Assert.Equal("0-6", Range(await ChunkAsync(Second, url, Content[4..7], "4-6")));
        Assert.Equal("0-6", Range(await First.Admin.GetAsync(url)));
        var again = await ChunkAsync(First, url, Content[4..7], "4-6");
        await ImageHost.AssertErrorAsync(again, HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
        Assert.Equal("0-6", Range(again));
        Assert.Equal(HttpStatusCode.Created, (await FinishAsync(First, url, Content[7..], Digest.Of(Content))).StatusCode);
        foreach (var node in new[] { First, Second })
            Assert.Equal(Content, await node.Admin.GetByteArrayAsync($"/v2/{_repository}/blobs/{Digest.Of(Content)}"));
        await ImageHost.AssertErrorAsync(await ChunkAsync(Second, url, Content, null), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task What_another_node_added_counts_for_the_digest()
    {
        var url = await StartAsync();
        await ChunkAsync(First, url, Content[..4], null);
        await ChunkAsync(Second, url, Content[4..7], null);
        // Only what this node wrote has this digest; the file has more.
        await ImageHost.AssertErrorAsync(await FinishAsync(First, url, [], Digest.Of(Content.AsSpan(0, 4))), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        Assert.Equal(HttpStatusCode.NotFound, (await First.Admin.GetAsync($"/v2/{_repository}/blobs/{Digest.Of(Content.AsSpan(0, 4))}")).StatusCode);
        // A refused end at one node is taken back for both.
        await ImageHost.AssertErrorAsync(await FinishAsync(Second, url, [1, 2, 3], Digest.Of(Content)), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        Assert.Equal("0-6", Range(await First.Admin.GetAsync(url)));
        Assert.Equal(HttpStatusCode.Created, (await FinishAsync(Second, url, Content[7..], Digest.Of(Content))).StatusCode);
        Assert.Equal(Content, await First.Admin.GetByteArrayAsync($"/v2/{_repository}/blobs/{Digest.Of(Content)}"));
    }

    [Fact]
    public async Task An_upload_goes_on_at_another_node_after_a_restart()
    {
        var url = await StartAsync();
        await ChunkAsync(First, url, Content[..4], null);
        await ChunkAsync(Second, url, Content[4..6], null);
        await nodes.RestartFirstAsync();
        Assert.Equal("0-5", Range(await First.Admin.GetAsync(url)));
        await ChunkAsync(First, url, Content[6..8], "6-7");
        await ImageHost.AssertErrorAsync(await FinishAsync(Second, url, [], Digest.Of(Content)), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        Assert.Equal(HttpStatusCode.Created, (await FinishAsync(Second, url, Content[8..], Digest.Of(Content))).StatusCode);
        Assert.Equal(Content, await First.Admin.GetByteArrayAsync($"/v2/{_repository}/blobs/{Digest.Of(Content)}"));
    }

    [Fact]
    public async Task While_one_node_writes_the_other_refuses_and_nothing_is_mixed()
    {
        var url = await StartAsync();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(First.Address.Host, First.Address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"PATCH {url} HTTP/1.1\r\nHost: {First.Address.Authority}\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\nContent-Length: 10\r\n\r\n01234"));
            await UntilAsync(async () => (await ChunkAsync(Second, url, [], null)).StatusCode == HttpStatusCode.Conflict);
            await ImageHost.AssertErrorAsync(await ChunkAsync(Second, url, Content[5..], null), HttpStatusCode.Conflict, "BLOB_UPLOAD_INVALID");
            await ImageHost.AssertErrorAsync(await FinishAsync(Second, url, [], Digest.Of(Content)), HttpStatusCode.Conflict, "BLOB_UPLOAD_INVALID");
            await ImageHost.AssertErrorAsync(await Second.Admin.DeleteAsync(url), HttpStatusCode.Conflict, "BLOB_UPLOAD_INVALID");
        }
        // The cut request keeps what arrived, and lets go.
        await UntilAsync(async () => Range(await Second.Admin.GetAsync(url)) == "0-4");
        Assert.Equal(HttpStatusCode.Created, (await FinishAsync(Second, url, Content[5..], Digest.Of(Content))).StatusCode);
    }

    [Fact]
    public async Task Of_two_chunks_for_the_same_place_at_two_nodes_one_is_taken()
    {
        for (var round = 0; round < 10; round++)
        {
            var url = await StartAsync();
            byte[][] chunks = [RandomNumberGenerator.GetBytes(700_000), RandomNumberGenerator.GetBytes(700_000)];
            var answers = await Task.WhenAll(ChunkAsync(First, url, chunks[0], "0-699999"), ChunkAsync(Second, url, chunks[1], "0-699999"));
            var taken = Assert.Single(answers.Index(), answer => answer.Item.StatusCode == HttpStatusCode.Accepted);
            Assert.Contains(answers[1 - taken.Index].StatusCode, new[] { HttpStatusCode.RequestedRangeNotSatisfiable, HttpStatusCode.Conflict });
            var digest = Digest.Of(chunks[taken.Index]);
            Assert.Equal(HttpStatusCode.Created, (await FinishAsync(First, url, [], digest)).StatusCode);
            Assert.Equal(digest, Digest.Of(await Second.Admin.GetByteArrayAsync($"/v2/{_repository}/blobs/{digest}")));
        }
    }

    protected async Task<string> StartAsync()
    {
        var answer = await First.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return answer.Headers.Location!.OriginalString;
    }

    protected static Task<HttpResponseMessage> ChunkAsync(RegistryHost node, string url, byte[] bytes, string? range) =>
        node.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, bytes, range));

    protected static Task<HttpResponseMessage> FinishAsync(RegistryHost node, string url, byte[] bytes, string digest) =>
        node.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={digest}", bytes, null));

    private static string Range(HttpResponseMessage answer) => answer.Headers.GetValues("Range").Single();

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isSo())
            await Task.Delay(20, limit.Token);
    }
}

/// <summary>On one data folder.</summary>
public sealed class FolderNodeUploadTests(FolderNodes nodes) : NodeUploadTests(nodes), IClassFixture<FolderNodes>
{
    [Fact]
    public async Task A_file_that_changed_behind_a_node_is_read_again()
    {
        var url = await StartAsync();
        await ChunkAsync(First, url, Content, null);
        var file = Directory.EnumerateFiles(Path.Combine(FirstData, "uploads")).Single();
        await File.WriteAllBytesAsync(file, [.. Content[..9], (byte)'!']);
        await ImageHost.AssertErrorAsync(await FinishAsync(First, url, [], Digest.Of(Content)), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        Assert.Equal(HttpStatusCode.Created, (await FinishAsync(First, url, [], Digest.Of("012345678!"))).StatusCode);
    }
}
