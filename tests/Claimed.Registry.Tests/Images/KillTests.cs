using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>The registry as a process that is killed without warning.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-kill-").FullName;
    private readonly int _port = PrivateServer.FreePort();

    [Fact]
    public async Task A_kill_in_the_middle_of_an_upload_leaves_nothing_visible_and_loses_nothing_acknowledged()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        var kept = RandomNumberGenerator.GetBytes(500_000);
        string url;
        using (var client = Client())
        {
            var process = await StartAsync(client);
            var stored = await client.PostAsync($"/v2/acme/killed/blobs/uploads/?digest={Digest.Of(kept)}", ImageHost.Bytes(kept));
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            url = (await client.PostAsync("/v2/acme/killed/blobs/uploads/", null)).Headers.Location!.OriginalString;
            await client.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, content[..1_000_000], "0-999999"));
            var half = new HalfBody(content[1_000_000..2_000_000]);
            var cut = client.PatchAsync(url, half);
            await half.Sent.Task;
            process.Kill();
            half.Killed.SetResult();
            await Assert.ThrowsAnyAsync<Exception>(() => cut);
            await process.WaitForExitAsync();
            process.Dispose();
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

    private HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RegistryHost.AdminToken);
        return client;
    }

    private async Task<Process> StartAsync(HttpClient client)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                typeof(RegistryApp).Assembly.Location, $"--urls=http://127.0.0.1:{_port}", $"--Registry:DataPath={_data}",
                $"--Registry:AdminToken={RegistryHost.AdminToken}", "--Builds:Enabled=false", "--Logging:LogLevel:Default=Warning",
            },
        };
        foreach (var (name, value) in await TestDatabase.SettingsAsync(_data))
            start.ArgumentList.Add($"--{name}={value}");
        var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                await client.GetAsync("/v2/", limit.Token);
                return process;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

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
