using System.Diagnostics;
using System.Net;
using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>How soon a publish at one node is in every catalog of another, with 10,000 components in the PostgreSQL that they share.</summary>
internal static class NodeBenchmark
{
    private const int Components = 10_000;
    private const int Publishes = 10;
    private const string Space = "fresh";
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private static readonly Catalog[] _catalogs =
    [
        new("REST", $"/api/v1/components?namespace={Space}&limit=100", name => $"\"name\":\"{name}\""),
        new("search", "/api/v1/components?q=", name => $"\"name\":\"{name}\"") { IsSearch = true },
        new("Elyra, our connector", "/catalogs/elyra/catalog.json", name => $"\"name\":\"{name}\""),
        new("Elyra, URL catalog", "/catalogs/elyra/url-catalog.json", name => $"/{Space}/{name}/"),
        new("Elyra, MLX", "/apis/v1alpha1/components", name => $"\"{Space}--{name}\""),
        new("Elyra, Artifactory", $"/catalogs/artifactory/api/storage/{Space}", name => $"\"/{name}\""),
        new("KFP", $"/catalogs/kfp/{Space}/packages", name => $"/{name}\""),
        new("Airflow, pip", $"/catalogs/airflow/simple/claimed-{Space}/", _ => "") { IsPip = true },
    ];

    public static async Task RunAsync(Report report)
    {
        await using var shared = await PostgresCatalog.MakeAsync(Components);
        await using var here = await RunningRegistry.StartAsync(shared.Folder, shared.Settings);
        await using var there = await RunningRegistry.StartAsync(shared.Folder, shared.Settings);
        using var client = new HttpClient { BaseAddress = there.Address, Timeout = TimeSpan.FromMinutes(5) };

        foreach (var catalog in _catalogs)
        {
            var slowest = 0.0;
            // The first publish makes what later ones bring up to date.
            for (var number = -1; number < Publishes; number++)
            {
                var name = $"fresh-{Array.IndexOf(_catalogs, catalog)}-{number + 1}";
                var wheels = catalog.IsPip ? await WheelsAsync(client) : "";
                await ReadBenchmark.PublishAsync(here, name, "1.0.0", Samples.ExistingImage(name), Space);
                var published = Stopwatch.GetTimestamp();
                // Most answers take long to read: the first that is asked for when the node knows of the publish has to have it.
                if (!catalog.IsSearch)
                    await UntilAsync(client, _catalogs[0].Path, text => text.Contains(_catalogs[0].Shows(name), StringComparison.Ordinal));
                var asked = await UntilAsync(client, catalog.IsSearch ? catalog.Path + name : catalog.Path, text => catalog.IsPip ? text != wheels : text.Contains(catalog.Shows(name), StringComparison.Ordinal));
                if (number >= 0)
                    slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(published, asked).TotalMilliseconds);
            }
            report.Add("catalogs", $"publish at one node until a request at another shows it, slowest of {Publishes}: {catalog.Name}", slowest, " ms", atMost: 1000);
        }
    }

    private static async Task<string> WheelsAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(Array.Find(_catalogs, catalog => catalog.IsPip)!.Path);
        return answer.StatusCode == HttpStatusCode.NotFound ? "" : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>When the first request was sent whose answer is as it should be.</summary>
    private static async Task<long> UntilAsync(HttpClient client, string path, Func<string, bool> isThere)
    {
        using var limit = new CancellationTokenSource(_limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            var asked = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(path, limit.Token);
            // Before its first component a namespace is not there.
            if (answer.StatusCode != HttpStatusCode.NotFound && isThere(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(limit.Token)))
                return asked;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <param name="Path">The request that a client lists it with.</param>
    /// <param name="Shows">What is in the answer once it has the component of that name.</param>
    private sealed record Catalog(string Name, string Path, Func<string, string> Shows)
    {
        /// <summary>Asked for the name; its index follows the catalog.</summary>
        public bool IsSearch { get; init; }

        /// <summary>Lists files that are named by a number: any other list than before has the component.</summary>
        public bool IsPip { get; init; }
    }
}
