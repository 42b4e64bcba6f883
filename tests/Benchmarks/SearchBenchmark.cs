using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Claimed.Benchmarks;

/// <summary>What a search of a large catalog takes, on both databases, when no answer is kept from before.</summary>
internal static class SearchBenchmark
{
    private const int Components = 10_000;
    private const int Warm = 300;
    private const int Questions = 1_500;
    private const int Broad = 200;

    public static async Task RunAsync(Report report)
    {
        await MeasureAsync(report, "SQLite", await SnapshotBenchmark.FolderAsync(Components), folder => new SqliteConnection($"Data Source={Path.Combine(folder, "registry.db")};Pooling=false"), []);
        await using var catalog = await PostgresCatalog.MakeAsync(Components);
        await MeasureAsync(report, "PostgreSQL", catalog.Folder, _ => new NpgsqlConnection(catalog.Database), catalog.Settings);
    }

    private static async Task MeasureAsync(Report report, string name, string folder, Func<string, DbConnection> open, IReadOnlyList<(string, string)> settings)
    {
        // What was put into the tables told no event; the index begins anew.
        await ExecuteAsync(open(folder), """UPDATE search_head SET "Serial" = -1""");
        await using var registry = await RunningRegistry.StartAsync(folder, settings);
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await registry.Client.GetStringAsync("/api/v1/components?q=component&facets=true&limit=1")).Contains($"\"total\":{Components}", StringComparison.Ordinal) == false
            || await HeadAsync(open(folder)) < 0)
            await timer.WaitForNextTickAsync();
        report.Add("search", $"{name}: index of 10,000 components made anew", Stopwatch.GetElapsedTime(began).TotalSeconds, " s");
        var random = new Random(5);
        await TimesAsync(registry, Warm, () => Question(random));
        report.Add("search", $"{name}: words, 95 of 100 within", Percentile(await TimesAsync(registry, Questions, () => Question(random))), " ms", atMost: 20);
        report.Add("search", $"{name}: with port types and facets, 95 of 100 within", Percentile(await TimesAsync(registry, Broad * 2, () => $"{Question(random)}&input=Dataset&output=Dataset&facets=true")), " ms", atMost: 20);
        report.Add("search", $"{name}: words that every component has, 95 of 100 within", Percentile(await TimesAsync(registry, Broad, () => "q=component")), " ms");
        report.Add("search", $"{name}: facets of all, 95 of 100 within", Percentile(await TimesAsync(registry, Broad, () => "facets=true")), " ms");
    }

    private static string Question(Random random)
    {
        var component = random.Next(1, Components);
        var title = CatalogFill.TitleOf(component).Split(' ');
        return random.Next(10) switch
        {
            < 4 => $"q={title[0]}+{title[1]}",
            < 6 => $"q={title[2]}",
            < 8 => $"q={title[0][..3]}",
            8 => $"q={title[0][..2]}",
            _ => $"q={CatalogFill.NameOf(component)}",
        };
    }

    /// <summary>Milliseconds of each question; a number at its end makes it one that nobody has asked before.</summary>
    private static async Task<List<double>> TimesAsync(RunningRegistry registry, int count, Func<string> question)
    {
        var times = new List<double>(count);
        for (var number = 0; number < count; number++)
        {
            var path = $"/api/v1/components?{question()}&limit=20&asked={Guid.CreateVersion7():N}";
            var began = Stopwatch.GetTimestamp();
            await registry.Client.GetByteArrayAsync(path);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return times;
    }

    private static double Percentile(List<double> times) => times.Order().ElementAt(times.Count * 95 / 100);

    private static async Task<long> HeadAsync(DbConnection connection)
    {
        await using (connection)
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = """SELECT "Serial" FROM search_head""";
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using (connection)
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }
}
