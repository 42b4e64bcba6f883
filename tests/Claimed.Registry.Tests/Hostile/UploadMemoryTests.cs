using System.Globalization;
using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Hostile;

/// <summary>What all uploads under way hold together, measured from outside the process.</summary>
[Trait("Database", "any")]
public sealed class UploadMemoryTests
{
    private const int Uploads = 16;
    private const int Budget = 128;

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Publish:MaxUnpackedBytes"] = $"{64 << 20}",
        ["Publish:MaxBufferedBytes"] = $"{Budget << 20}",
        ["Logging:LogLevel:Default"] = "Warning",
    };

    [Fact]
    public async Task Sixteen_bombs_at_once_stay_within_the_memory_for_uploads()
    {
        await using var process = await RegistryProcess.StartAsync(Settings);
        var bomb = Archives.TarGz(Archives.File("step.py", "import os\n# about a\nos.environ['a']\n"u8.ToArray()), Archives.File("zeros.bin", new byte[60 << 20]));
        await PostAsync(process, new Multipart().Source("step.py", "x = 1\n").ToBytes());
        var before = PeakOf(process);
        var statuses = await Task.WhenAll(Enumerable.Range(0, Uploads).Select(_ => PostAsync(process, new Multipart().Bundle(bomb).ToBytes())));
        var grown = PeakOf(process) - before;
        Assert.All(statuses, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status}"));
        // Whoever is last to arrive is refused; of many at once that may be all, each with a part of the budget.
        Assert.Contains(HttpStatusCode.ServiceUnavailable, statuses);
        // Without the bound each would hold its 60 MiB, and copies of them.
        Assert.InRange(grown, 0, Budget + 128);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(process, new Multipart().Bundle(bomb).ToBytes()));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(process.DataPath, "uploads")));
    }

    [Fact]
    public async Task Who_is_refused_for_lack_of_memory_is_told_when_to_come_back()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Publish:MaxUnpackedBytes"] = "1000", ["Publish:MaxBufferedBytes"] = "2000" });
        var memory = (Registry.Publish.UploadMemory)host.Services.GetService(typeof(Registry.Publish.UploadMemory))!;
        var upload = new Multipart().Source("step.py", "x = 1\n" + new string('#', 500));
        using (var other = memory.Begin())
        {
            other.Take(1500);
            var answer = await host.PublishAsync("busy", "step", "1.0.0", upload);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Equal("uploads-busy", answer["type"]);
            Assert.Equal("5", answer.Message.Headers.RetryAfter?.ToString());
        }
        Assert.Equal(HttpStatusCode.Created, (await host.PublishAsync("busy", "step", "1.0.0", upload)).Status);
    }

    private static async Task<HttpStatusCode> PostAsync(RegistryProcess process, byte[] body)
    {
        using var content = Multipart.Content(body, $"multipart/form-data; boundary={Multipart.Boundary}");
        using var answer = await process.Anonymous.PostAsync("/api/v1/components/nobody/validate", content);
        return answer.StatusCode;
    }

    /// <summary>The most that the process ever had in memory, in MiB.</summary>
    private static long PeakOf(RegistryProcess process) =>
        long.Parse(File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ')[^2], CultureInfo.InvariantCulture) >> 10;
}
