using System.Net;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>The registry as a process that is killed without warning.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-kill-").FullName;

    [Fact]
    public async Task A_kill_in_the_middle_of_an_upload_leaves_nothing_visible_and_loses_nothing_acknowledged()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        var kept = RandomNumberGenerator.GetBytes(500_000);
        string url;
        await using (var killed = new RegistryProcess(await TestDatabase.SettingsAsync(_data), _data))
        {
            (await killed.RunWordAsync("keys")).Succeeded();
            await killed.StartAsync();
            var stored = await killed.Admin.PostAsync($"/v2/acme/killed/blobs/uploads/?digest={Digest.Of(kept)}", ImageHost.Bytes(kept));
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            url = (await killed.Admin.PostAsync("/v2/acme/killed/blobs/uploads/", null)).Headers.Location!.OriginalString;
            await killed.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, content[..1_000_000], "0-999999"));
            var half = new HalfBody(content[1_000_000..2_000_000]);
            var cut = killed.Admin.PatchAsync(url, half);
            await half.Sent.Task;
            killed.Kill();
            half.Killed.SetResult();
            await Assert.ThrowsAnyAsync<Exception>(() => cut);
        }
        await using var after = await RegistryHost.StartAsync(dataPath: _data);
        Assert.Equal(Digest.Of(kept), Digest.Of(await after.Anonymous.GetByteArrayAsync($"/v2/acme/killed/blobs/{Digest.Of(kept)}")));
        Assert.Equal(HttpStatusCode.NotFound, (await after.Anonymous.GetAsync($"/v2/acme/killed/blobs/{Digest.Of(content)}")).StatusCode);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_data, "blobs"), "*", SearchOption.AllDirectories));

        // What arrived is there, and the upload can go on from it.
        var range = (await after.Admin.GetAsync(url)).Headers.GetValues("Range").Single();
        var length = int.Parse(range.Split('-')[1]) + 1;
        Assert.InRange(length, 1_000_000, 2_000_000);
        var rest = await after.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={Digest.Of(content)}", content[length..], null));
        Assert.Equal(HttpStatusCode.Created, rest.StatusCode);
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    /// <summary>Sends its bytes and then stands still until the server is killed.</summary>
    private sealed class HalfBody(byte[] bytes) : HttpContent
    {
        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Killed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
            Sent.SetResult();
            await Killed.Task;
            throw new IOException("The server was killed.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
