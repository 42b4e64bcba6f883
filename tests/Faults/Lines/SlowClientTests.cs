using System.Net;
using System.Net.Sockets;
using System.Text;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Lines;

/// <summary>Clients on bad lines: nothing of them piles up, and what an image upload brought stays.</summary>
public sealed class SlowClientTests(ImpatientRegistry impatient) : IClassFixture<ImpatientRegistry>
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private readonly RegistryProcess _registry = impatient.Process;

    [Theory]
    [InlineData("cut")]
    [InlineData("half-closed")]
    public async Task A_publish_that_ends_in_the_middle_stores_nothing_and_can_be_sent_again(string how)
    {
        await using var proxy = TcpProxy.To(_registry.Port);
        var (attempt, uploads) = (new Attempt($"half-{how}", "1.0.0", how, Source.ExistingImage), Uploads().Count);
        var body = attempt.Upload().ToBytes();
        using var client = await OpenAsync(proxy, $"PUT {attempt.Path} HTTP/1.1", body.Length, $"multipart/form-data; boundary={Multipart.Boundary}");
        await client.GetStream().WriteAsync(body.AsMemory(0, body.Length / 2));
        await UntilAsync(() => proxy.Uploaded > 0);
        if (how == "cut")
            proxy.Cut();
        else
            client.Client.Shutdown(SocketShutdown.Send);
        await UntilAsync(() => proxy.Connections == 0);

        Assert.Equal(HttpStatusCode.NotFound, (await _registry.Anonymous.SendAsync(HttpMethod.Get, attempt.Path)).Status);
        var again = await _registry.Admin.PublishAsync(attempt);
        var invariants = new Invariants(_registry, Store.Sqlite);
        await invariants.CheckAsync([again]);
        Assert.True(invariants.Hold, invariants.ToString());
        Assert.Equal(uploads, Uploads().Count);
    }

    [Fact]
    public async Task A_publish_of_a_byte_a_second_is_ended()
    {
        await using var proxy = TcpProxy.To(_registry.Port);
        var attempt = new Attempt("slow", "1.0.0", "slow", Source.ExistingImage);
        var body = attempt.Upload().ToBytes();
        using var client = await OpenAsync(proxy, $"PUT {attempt.Path} HTTP/1.1", body.Length, $"multipart/form-data; boundary={Multipart.Boundary}");
        await UntilAsync(() => proxy.Uploaded > 0);
        proxy.UploadRate = 1;
        await client.GetStream().WriteAsync(body);
        await UntilAsync(() => proxy.Connections == 0);
        Assert.Equal(HttpStatusCode.NotFound, (await _registry.Anonymous.SendAsync(HttpMethod.Get, attempt.Path)).Status);
    }

    [Fact]
    public async Task An_image_upload_of_a_byte_a_second_is_ended_and_keeps_what_came()
    {
        await using var proxy = TcpProxy.To(_registry.Port);
        var at = await StartUploadAsync();
        using var client = await OpenAsync(proxy, $"PATCH {at} HTTP/1.1", 1_000_000, "application/octet-stream");
        await UntilAsync(() => proxy.Uploaded > 0);
        proxy.UploadRate = 5;
        await client.GetStream().WriteAsync(new byte[200]);
        await UntilAsync(() => proxy.Connections == 0);
        Assert.InRange(await ArrivedAsync(at), 1, 200);
    }

    [Fact]
    public async Task An_image_upload_that_is_cut_goes_on_where_it_was()
    {
        await using var proxy = TcpProxy.To(_registry.Port);
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200_000)));
        var others = Uploads();
        var at = await StartUploadAsync();
        using var client = await OpenAsync(proxy, $"PATCH {at} HTTP/1.1", content.Length, "application/octet-stream");
        await client.GetStream().WriteAsync(content.AsMemory(0, 700_000));
        var file = Uploads().Except(others).Single();
        await UntilAsync(() => new FileInfo(file).Length >= 400_000);
        proxy.Cut();
        await UntilAsync(() => proxy.Connections == 0);

        var arrived = await ArrivedAsync(at);
        Assert.InRange(arrived, 400_000, 700_000);
        var rest = await _registry.Admin.SendAsync(HttpMethod.Put, $"{at}?digest={Digest.Of(content)}", new ByteArrayContent(content[arrived..]));
        Assert.Equal(HttpStatusCode.Created, rest.Status);
        Assert.Equal(content, await _registry.Anonymous.GetByteArrayAsync($"v2/acme/slow/blobs/{Digest.Of(content)}"));
    }

    private List<string> Uploads() => [.. Directory.EnumerateFiles(Path.Combine(_registry.DataPath, "uploads"))];

    private async Task<string> StartUploadAsync()
    {
        using var begun = await _registry.Admin.PostAsync("v2/acme/slow/blobs/uploads/", null);
        return begun.Headers.Location!.OriginalString;
    }

    private async Task<int> ArrivedAsync(string at)
    {
        using var status = await _registry.Admin.GetAsync(at);
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        return int.Parse(status.Headers.GetValues("Range").Single().Split('-')[1]) + 1;
    }

    /// <summary>A connection that has sent the head of a request and nothing of its body.</summary>
    private static async Task<TcpClient> OpenAsync(TcpProxy proxy, string line, int length, string type)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"{line}\r\nHost: 127.0.0.1:{proxy.Port}\r\nAuthorization: Bearer {RegistryHost.AdminToken}\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n"));
        return client;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(_limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isSo())
            await timer.WaitForNextTickAsync(limit.Token);
    }
}

/// <summary>One registry for all of them, which waits for the next byte of an image for two seconds.</summary>
public sealed class ImpatientRegistry : IAsyncLifetime
{
    public RegistryProcess Process { get; } = new(new Dictionary<string, string> { ["Images:IdleTimeout"] = "00:00:02" });

    public async ValueTask InitializeAsync() => await Process.StartAsync();

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
