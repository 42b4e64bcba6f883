using System.Diagnostics;

namespace Claimed.Benchmarks;

/// <summary>The whole Elyra catalog of 10,000 components in one request, against nginx with the same file; and how soon a publish is in it.</summary>
internal static class CatalogBenchmark
{
    private const int Components = 10_000;
    private const int Publishes = 20;
    private const int Connections = 4;
    private const string Path = "/catalogs/elyra/catalog.json";
    private const string File = "catalog.json";
    private const string Packed = "catalog.json.gz";

    public static async Task RunAsync(Report report)
    {
        await OneNodeAsync(report);
        await NodeBenchmark.RunAsync(report);
    }

    private static async Task OneNodeAsync(Report report)
    {
        var files = Workspace.Folder("catalog-files");
        await using var registry = await RunningRegistry.StartAsync(await SnapshotBenchmark.FolderAsync(Components));
        using var anonymous = new HttpClient { BaseAddress = registry.Address, Timeout = TimeSpan.FromMinutes(5) };
        var began = Stopwatch.GetTimestamp();
        var whole = await anonymous.GetByteArrayAsync(Path);
        report.Add("catalogs", "first request for all of 10,000 components after a start", Stopwatch.GetElapsedTime(began).TotalSeconds, " s");
        report.Add("catalogs", "bytes of that", whole.Length / 1e6, " MB");
        await System.IO.File.WriteAllBytesAsync(System.IO.Path.Combine(files, File), whole);
        using var asking = new HttpRequestMessage(HttpMethod.Get, Path);
        asking.Headers.AcceptEncoding.ParseAdd("gzip");
        using (var packed = await anonymous.SendAsync(asking))
            await System.IO.File.WriteAllBytesAsync(System.IO.Path.Combine(files, Packed), await packed.Content.ReadAsByteArrayAsync());
        await using (var nginx = await Nginx.StartAsync(files))
        await using (var bare = await BareEndpoint.StartAsync(files))
        {
            var turns = new InTurns(report, "catalogs", anonymous, seconds: 4);
            var (ours, theirs, least) = (new Uri(registry.Address, Path), new Uri(nginx.Address, File), new Uri(bare.Address, File));
            await turns.CompareAsync("whole catalog", ours, theirs, least, conditional: false, ofNginx: 0.6, ofBare: null, Connections);
            await turns.CompareAsync("whole catalog in gzip, as clients ask for it", ours, new Uri(nginx.Address, Packed), new Uri(bare.Address, Packed), conditional: false, ofNginx: 0.6, ofBare: null, Connections, "-H", "Accept-Encoding: gzip");
            await turns.CompareAsync("304 of the whole catalog", ours, theirs, least, conditional: true, ofNginx: 0.55, ofBare: 0.9);
        }

        var times = new List<double>();
        for (var number = 0; number < Publishes; number++)
        {
            await ReadBenchmark.PublishAsync(registry, $"fresh-{number}", "1.0.0", TestKit.Samples.ExistingImage($"fresh{number}"));
            var published = Stopwatch.GetTimestamp();
            var text = await anonymous.GetStringAsync(Path);
            times.Add(Stopwatch.GetElapsedTime(published).TotalMilliseconds);
            if (!text.Contains($"fresh-{number}\"", StringComparison.Ordinal))
                throw new InvalidOperationException($"fresh-{number} is not in the catalog that was read after its publish.");
        }
        report.Add("catalogs", "whole catalog read right after a publish", times.Median(), " ms");
    }
}
