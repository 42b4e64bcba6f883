using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>What many transfers of layers take together, measured from outside the process.</summary>
[Trait("Database", "any")]
public sealed class TransferMemoryTests
{
    private const int Transfers = 16;
    private const int Mebibytes = 64;

    [Fact]
    public async Task Sixteen_layers_at_once_are_pushed_and_pulled_without_being_held()
    {
        await using var process = await RegistryProcess.StartAsync();
        var layer = RandomNumberGenerator.GetBytes(Mebibytes << 20);
        var digest = Digest.Of(layer);
        await PushAsync(process, layer[..1000], Digest.Of(layer.AsSpan(0, 1000)));
        var before = PeakOf(process);
        await Task.WhenAll(Enumerable.Range(0, Transfers).Select(_ => PushAsync(process, layer, digest)));
        await Task.WhenAll(Enumerable.Range(0, Transfers).Select(_ => PullAsync(process, digest)));
        // Half a mebibyte of buffers and what the sockets are ahead, for each; one layer that is held would be 64.
        Assert.InRange(PeakOf(process) - before, 0, 56);
    }

    private static async Task PushAsync(RegistryProcess process, byte[] layer, string digest)
    {
        using var started = await process.Admin.PostAsync("/v2/acme/large/blobs/uploads/", null);
        var url = started.Headers.Location!.OriginalString;
        using var patched = await process.Admin.PatchAsync(url, new ByteArrayContent(layer));
        Assert.Equal(HttpStatusCode.Accepted, patched.StatusCode);
        using var stored = await process.Admin.PutAsync($"{url}?digest={digest}", null);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
    }

    private static async Task PullAsync(RegistryProcess process, string digest)
    {
        using var answer = await process.Anonymous.GetAsync($"/v2/acme/large/blobs/{digest}", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.Equal(digest, Digest.Text(HashAlgorithmName.SHA256, await SHA256.HashDataAsync(body)));
    }

    /// <summary>The most that the process ever had in memory, in MiB.</summary>
    private static long PeakOf(RegistryProcess process) =>
        long.Parse(File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ')[^2], CultureInfo.InvariantCulture) >> 10;
}
