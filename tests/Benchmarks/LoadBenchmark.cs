using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>Everything at once for a while: memory must settle.</summary>
internal static class LoadBenchmark
{
    private const int Components = 2_000;
    private const double AllowedGrowth = 1.1;

    public static async Task RunAsync(Report report)
    {
        var minutes = Environment.GetEnvironmentVariable("LONG") == "1" ? 30 : 1;
        await using var registry = await RunningRegistry.StartAsync(await SnapshotBenchmark.FolderAsync(Components));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        var reads = 0L;
        var readers = Enumerable.Range(0, 4).Select(reader => ReadAsync(registry.Address, reader, () => Interlocked.Increment(ref reads), limit.Token));
        var (publisher, memory) = (PublishAsync(registry, limit.Token), SampleAsync(registry, limit.Token));
        await Task.WhenAll([.. readers, publisher, memory]);
        var samples = await memory;
        var quarter = samples.Count / 4;
        report.Add("load", $"reads in {minutes} min of mixed load", Interlocked.Read(ref reads), "");
        report.Add("load", "publishes meanwhile", await publisher, "");
        report.Add("load", "resident memory at the end", samples[^quarter..].Median(), " MB");
        report.Add("load", "growth, last quarter against the second", samples[^quarter..].Median() / samples[quarter..(2 * quarter)].Median(), "×", atMost: AllowedGrowth);
    }

    private static async Task ReadAsync(Uri address, int seed, Action counted, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = address };
        var random = new Random(seed);
        while (!cancellation.IsCancellationRequested)
        {
            var path = SnapshotBenchmark.PathOf(random, Components);
            using var answer = await client.GetAsync(path, CancellationToken.None);
            answer.EnsureSuccessStatusCode();
            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
            using var known = await client.SendAsync(again, CancellationToken.None);
            counted();
            counted();
        }
    }

    private static async Task<int> PublishAsync(RunningRegistry registry, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var count = 0;
        while (!cancellation.IsCancellationRequested)
        {
            // Twenty components that grow, so that memory may not be said to grow with the catalog.
            await ReadBenchmark.PublishAsync(registry, CatalogFill.NameOf(1 + count % 20), $"2.{count / 20}.0", Samples.ExistingImage($"word{count}"));
            count++;
            await NextAsync(timer, cancellation);
        }
        return count;
    }

    private static async Task<List<double>> SampleAsync(RunningRegistry registry, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var samples = new List<double>();
        do
        {
            samples.Add(registry.ResidentMegabytes());
            await NextAsync(timer, cancellation);
        }
        while (!cancellation.IsCancellationRequested);
        return samples;
    }

    private static async Task NextAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // The time is over; the caller looks.
        }
    }
}
