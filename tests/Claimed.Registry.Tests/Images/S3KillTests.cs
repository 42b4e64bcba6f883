using System.Net;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>A registry on S3 that is killed while a large layer arrives.</summary>
[Trait("Database", "any")]
public sealed class S3KillTests : IDisposable
{
    private const int Mebibyte = 1024 * 1024;
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-kill-").FullName;
    private readonly string _prefix = $"{Guid.CreateVersion7():N}/";

    [Fact]
    public async Task A_killed_upload_goes_on_from_its_last_whole_piece_and_what_is_left_of_others_is_collected()
    {
        var content = RandomNumberGenerator.GetBytes(60 * Mebibyte);
        var server = await TestBlobs.ServerAsync("s3rver");
        // SQLite: the folder is the same after the kill, and its lock, too.
        var settings = new Dictionary<string, string>(server.Settings(_prefix));
        foreach (var (name, value) in await TestDatabase.SettingsAsync(_data))
            settings.TryAdd(name, value);
        string url, forgotten;
        await using (var killed = new RegistryProcess(settings, _data))
        {
            (await killed.RunWordAsync("keys")).Succeeded();
            await killed.StartAsync();
            url = await StartAsync(killed.Admin);
            forgotten = await StartAsync(killed.Admin);
            await killed.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, forgotten, content[..1000], null));
            var half = new StandingBody(content[..(40 * Mebibyte)]);
            var cut = killed.Admin.PatchAsync(url, half);
            await half.Sent.Task;
            // Two whole pieces are on their way or there; the third is a file of this machine.
            using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
            {
                // One that is listed before it is whole goes with the kill.
                while (await PiecesAsync(server, url, leastBytes: 16 * Mebibyte) < 2)
                    await Task.Delay(20, limit.Token);
            }
            killed.Kill();
            half.Killed.SetResult();
            await Assert.ThrowsAnyAsync<Exception>(() => cut);
        }
        await using var after = await RegistryHost.StartAsync(settings, _data);
        var range = (await after.Admin.GetAsync(url)).Headers.GetValues("Range").Single();
        Assert.Equal($"0-{32 * Mebibyte - 1}", range);
        Assert.Equal(HttpStatusCode.NotFound, (await after.Admin.GetAsync($"/v2/acme/killed/blobs/{Digest.Of(content)}")).StatusCode);
        var rest = await after.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={Digest.Of(content)}", content[(32 * Mebibyte)..], null));
        Assert.Equal(HttpStatusCode.Created, rest.StatusCode);
        Assert.Equal(Digest.Of(content), Digest.Of(await after.Admin.GetByteArrayAsync($"/v2/acme/killed/blobs/{Digest.Of(content)}")));

        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(_data, "uploads"), "piece-*"));
        var later = TimeProvider.System.GetUtcNow().AddDays(2);
        var (count, _) = await after.Services.GetRequiredService<IUploadStore>().DropAsync(later, countOnly: false, CancellationToken.None);
        Assert.InRange(count, 2, int.MaxValue);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_data, "uploads"), "piece-*"));
        Assert.Equal(0, await PiecesAsync(server, forgotten));
        Assert.Null((await server.Client.ListObjectsAsync(S3Server.Bucket, _prefix + "uploads/")).S3Objects?.FirstOrDefault());
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static async Task<string> StartAsync(HttpClient client) => (await client.PostAsync("/v2/acme/killed/blobs/uploads/", null)).Headers.Location!.OriginalString;

    private async Task<int> PiecesAsync(S3Server server, string url, long leastBytes = 0)
    {
        var id = url[(url.LastIndexOf('/') + 1)..];
        var listed = await server.Client.ListObjectsAsync(S3Server.Bucket, _prefix + "uploads/");
        return (listed.S3Objects ?? []).Count(entry => entry.Key.Contains(id, StringComparison.Ordinal) && !entry.Key.EndsWith("/start", StringComparison.Ordinal) && entry.Size >= leastBytes);
    }

    /// <summary>Sends its bytes and then stands still until the server is killed.</summary>
    private sealed class StandingBody(byte[] bytes) : HttpContent
    {
        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Killed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
            Sent.SetResult();
            await Killed.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
