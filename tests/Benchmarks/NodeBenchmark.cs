using System.Diagnostics;
using System.Net;
using Claimed.TestKit;
using Npgsql;

namespace Claimed.Benchmarks;

/// <summary>How soon a publish at one node is in every catalog of another, with 10,000 components in the PostgreSQL that they share.</summary>
internal static class NodeBenchmark
{
    private const int Components = 10_000;
    private const int Publishes = 20;
    private const string Space = "fresh";
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    /// <summary>Each catalog, the request that a client lists it with, and what is in its answer once it has the component.</summary>
    private static readonly (string Name, string Path, Func<string, string> Shows)[] _catalogs =
    [
        ("REST", $"/api/v1/components?namespace={Space}&limit=100", name => $"\"name\":\"{name}\""),
        ("search", "/api/v1/components?q=", name => $"\"name\":\"{name}\""),
        ("Elyra, our connector", "/catalogs/elyra/catalog.json", name => $"\"name\":\"{name}\""),
        ("Elyra, URL catalog", "/catalogs/elyra/url-catalog.json", name => $"/{Space}/{name}/"),
        ("Elyra, MLX", "/apis/v1alpha1/components", name => $"\"{Space}--{name}\""),
        ("Elyra, Artifactory", $"/catalogs/artifactory/api/storage/{Space}", name => $"\"/{name}\""),
        ("KFP", $"/catalogs/kfp/{Space}/packages", name => $"/{name}\""),
        ("Airflow, pip", $"/catalogs/airflow/simple/claimed-{Space}/", _ => ""),
    ];

    public static async Task RunAsync(Report report)
    {
        await using var server = await PostgresServer.StartAsync("fsync=off");
        var database = await server.CreateDatabaseAsync();
        var folder = Workspace.Folder("nodes");
        (string, string)[] settings = [("Database:Provider", "Postgres"), ("Database:ConnectionString", database)];
        (await Shell.RunAsync(await PublishedProgram.PathAsync(), ["keys"], new Dictionary<string, string?> { ["Registry__DataPath"] = folder })).Succeeded();
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync();
            await CatalogFill.RunAsync(connection, Path.Combine(folder, "blobs"), Components);
            // Numbers that were given by hand are not to be given again.
            foreach (var table in (string[])["namespaces", "components", "versions", "builds"])
            {
                await using var command = new NpgsqlCommand($"""SELECT setval(pg_get_serial_sequence('{table}', 'Id'), MAX("Id")) FROM {table}""", connection);
                await command.ExecuteScalarAsync();
            }
        }
        await using var here = await RunningRegistry.StartAsync(folder, settings);
        await using var there = await RunningRegistry.StartAsync(folder, settings);
        using var client = new HttpClient { BaseAddress = there.Address, Timeout = TimeSpan.FromMinutes(5) };

        var slowest = _catalogs.ToDictionary(catalog => catalog.Name, _ => 0.0);
        // The first one makes what later ones bring up to date.
        for (var number = -1; number < Publishes; number++)
        {
            var name = $"fresh-{(number < 0 ? "first" : number)}";
            var wheels = await WheelsAsync(client);
            await ReadBenchmark.PublishAsync(here, name, "1.0.0", Samples.ExistingImage($"fresh{number}"), Space);
            var published = Stopwatch.GetTimestamp();
            foreach (var (catalog, path, shows) in _catalogs)
            {
                await UntilAsync(client, path.EndsWith("q=", StringComparison.Ordinal) ? path + name : path, text => catalog == "Airflow, pip" ? text != wheels : text.Contains(shows(name), StringComparison.Ordinal));
                if (number >= 0)
                    slowest[catalog] = Math.Max(slowest[catalog], Stopwatch.GetElapsedTime(published).TotalMilliseconds);
            }
        }
        foreach (var (catalog, _, _) in _catalogs)
            report.Add("catalogs", $"publish at one node until it is in a catalog of another, slowest of {Publishes}, all asked in turn: {catalog}", slowest[catalog], " ms", atMost: 1000);
    }

    private static async Task<string> WheelsAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(_catalogs[^1].Path);
        return answer.StatusCode == HttpStatusCode.NotFound ? "" : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    private static async Task UntilAsync(HttpClient client, string path, Func<string, bool> isThere)
    {
        using var limit = new CancellationTokenSource(_limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            using var answer = await client.GetAsync(path, limit.Token);
            // Before its first component a namespace is not there.
            if (answer.StatusCode != HttpStatusCode.NotFound && isThere(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(limit.Token)))
                return;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
