using System.Diagnostics;
using Claimed.Registry.Http.Pieces;
using Claimed.TestKit;
using Microsoft.Data.Sqlite;

namespace Claimed.Benchmarks;

/// <summary>What a large catalog costs: to start, to keep, to bring up to date.</summary>
internal static class SnapshotBenchmark
{
    private const int Small = 1_000;
    private const int Large = 10_000;
    private const int Reads = 100_000;
    private const int Refreshes = 30;
    private const int Starts = 3;
    private static readonly string[] _encodings = ["identity", "gzip", "br"];

    /// <summary>What clients list all of a catalog with.</summary>
    private static readonly string[] _lists =
    [
        "/catalogs/elyra/catalog.json", "/catalogs/elyra/catalog.json?runtime=airflow", "/catalogs/elyra/url-catalog.json", $"/catalogs/elyra/{CatalogFill.Space}/url-catalog.json?pinned=true",
        "/apis/v1alpha1/components", $"/catalogs/kfp/{CatalogFill.Space}/packages", $"/catalogs/artifactory/api/storage/{CatalogFill.Space}", "/api/v1/components?limit=100&facets=true",
    ];

    public static async Task RunAsync(Report report)
    {
        var (none, small, large) = (await FolderAsync(0), await FolderAsync(Small), await FolderAsync(Large));
        var starts = new List<double>();
        var begun = new List<double>();
        for (var turn = 0; turn < Starts; turn++)
        {
            await using var registry = await RunningRegistry.StartAsync(large);
            starts.Add(registry.StartTime.TotalSeconds);
            begun.Add(registry.ProcessorTime.TotalSeconds);
        }
        report.Add("snapshot", "start to ready, 10,000 components", starts.Median(), " s", atMost: 2);
        report.Add("snapshot", "processor time of that start", begun.Median(), " s");

        // The first start leaves what every later one shares.
        await HeapAsync(none);
        var empty = await HeapAsync(none);
        report.Add("snapshot", "memory per version", (await HeapAsync(large) - empty) / (Large * CatalogFill.VersionsPerComponent), " bytes");
        var (nothing, listed) = (await ListedHeapAsync(none), await ListedHeapAsync(large));
        var kept = (listed.Later - nothing.Later) / Large / 1024;
        report.Add("snapshot", "memory per component, every list just read", (listed.Read - nothing.Read) / Large / 1024, " KB");
        report.Add("snapshot", "memory per component, with every list kept", kept, " KB");
        report.Add("snapshot", "memory per listed version, with every list kept", kept / CatalogFill.VersionsPerComponent, " KB", atMost: 6);
        var (ofSmall, ofLarge) = (await RefreshAsync(small), await RefreshAsync(large));
        report.Add("snapshot", "publish to readable, 1,000 components", ofSmall, " ms");
        report.Add("snapshot", "publish to readable, 10,000 components", ofLarge, " ms");
        report.Add("snapshot", "growth of that from 1,000 to 10,000", ofLarge / ofSmall, "×", atMost: 2);

        await using var read = await RunningRegistry.StartAsync(large);
        await ReadAsync(read.Address, Reads);
        report.Add("snapshot", "resident memory after 100,000 reads", read.ResidentMegabytes(), " MB", atMost: 250);
    }

    /// <summary>A data folder with a catalog of so many components.</summary>
    public static async Task<string> FolderAsync(int components)
    {
        var folder = Workspace.Folder($"catalog-{components}");
        await using (await RunningRegistry.StartAsync(folder))
        {
            // It makes the schema.
        }
        if (components == 0)
            return folder;
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "registry.db")};Pooling=false");
        await connection.OpenAsync();
        await CatalogFill.RunAsync(connection, Path.Combine(folder, "blobs"), components);
        return folder;
    }

    /// <summary>URLs as clients ask for them: half of them again and again, half all over the catalog.</summary>
    public static string PathOf(Random random, int components)
    {
        var component = random.Next(2) == 0 ? random.Next(1, 50) : random.Next(1, components + 1);
        var root = $"/api/v1/components/{CatalogFill.Space}/{CatalogFill.NameOf(component)}";
        return random.Next(8) switch
        {
            0 => root,
            1 => $"{root}/versions",
            2 => $"{root}/versions/{CatalogFill.NumberOf(random.Next(CatalogFill.VersionsPerComponent))}",
            3 => $"{root}/versions/~1",
            4 => $"{root}/versions/%5E1.2",
            5 => $"/api/v1/components?limit=20&category=Category%20{random.Next(20)}",
            _ => $"{root}/versions/~1/{(random.Next(2) == 0 ? "component.yaml" : "elyra.yaml")}",
        };
    }

    public static Task ReadAsync(Uri address, int count) => Parallel.ForEachAsync(Enumerable.Range(0, 8), async (reader, cancellation) =>
    {
        using var client = new HttpClient { BaseAddress = address };
        var random = new Random(reader);
        for (var read = 0; read < count / 8; read++)
        {
            using var answer = await client.GetAsync(PathOf(random, Large), cancellation);
            answer.EnsureSuccessStatusCode();
        }
    });

    private static async Task<double> RefreshAsync(string folder)
    {
        await using var registry = await RunningRegistry.StartAsync(folder);
        var times = new List<double>();
        for (var number = 0; number < Refreshes; number++)
        {
            var began = Stopwatch.GetTimestamp();
            await ReadBenchmark.PublishAsync(registry, CatalogFill.NameOf(1 + number), "2.0.0", Samples.ExistingImage($"word{number}"));
            // The first publishes compile what later ones run.
            if (number >= Refreshes / 3)
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return times.Median();
    }

    private static async Task ListAsync(Uri address, string path)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
        foreach (var encoding in _encodings)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.AcceptEncoding.ParseAdd(encoding);
            // This process has the client, too, which is to keep nothing of it.
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            // An empty catalog has no namespace.
            if (answer.StatusCode != System.Net.HttpStatusCode.NotFound)
                await answer.EnsureSuccessStatusCode().Content.CopyToAsync(Stream.Null);
        }
    }

    /// <summary>The live heap of the registry in this process, with the catalog loaded.</summary>
    private static async Task<double> HeapAsync(string folder)
    {
        await using var host = await RegistryHost.StartAsync(dataPath: folder);
        return LiveHeap();
    }

    /// <summary>The same after every list has been read, and when what is kept for readers who come again at once is given up.</summary>
    private static async Task<(double Read, double Later)> ListedHeapAsync(string folder)
    {
        await using var host = await RegistryHost.StartAsync(dataPath: folder);
        foreach (var list in _lists)
            await ListAsync(host.Address, list);
        var read = LiveHeap();
        // Pooled buffers that nobody has taken for a minute go a few at a time, at collections.
        var (lowest, fell) = (read, Stopwatch.GetTimestamp());
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        while (await timer.WaitForNextTickAsync() && Stopwatch.GetElapsedTime(fell) < 2 * PlainTexts.Busy)
        {
            var now = LiveHeap();
            if (now < lowest * 0.999)
                (lowest, fell) = (now, Stopwatch.GetTimestamp());
        }
        return (read, lowest);
    }

    private static double LiveHeap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
