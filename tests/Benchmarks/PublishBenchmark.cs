using System.Data.Common;
using System.Diagnostics;
using Claimed.Database;
using Claimed.Registry;
using Claimed.Registry.Access;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Claimed.Benchmarks;

/// <summary>
/// Publishing through HTTP against the same statements, files and folders without a registry around them: publishes are watched once,
/// then what they did is done again by the database's own client.
/// </summary>
internal static class PublishBenchmark
{
    // The runtime compiles what runs often a second and a third time; until that is over, compiling costs more than publishing.
    private const int Settling = 3000;
    private const int WarmUp = 100;
    private const int Turns = 9;
    private const int PerTurn = 40;
    private const int Clients = 8;

    public static async Task RunAsync(Report report)
    {
        await OnAsync(report, "SQLite", async () => new Place(null, Workspace.Folder("publish")));
        await using var server = await PostgresServer.StartAsync();
        await OnAsync(report, "PostgreSQL", async () => new Place(await server.CreateDatabaseAsync(), Workspace.Folder("publish")));
    }

    /// <summary>A database and a data folder; SQLite in that folder when there is no connection string.</summary>
    private sealed record Place(string? Postgres, string Folder)
    {
        public Dictionary<string, string> Settings { get; } = Postgres is null ? [] : new()
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = Postgres,
        };

        private readonly SqliteSession _session = new();

        /// <summary>A registry in this place, not started.</summary>
        public WebApplication Build() => RegistryApp.Build([.. Settings.Select(pair => $"--{pair.Key}={pair.Value}"), $"--Registry:DataPath={Folder}"]);

        /// <summary>With the settings that the registry gives its connections.</summary>
        public async Task<DbConnection> OpenAsync()
        {
            DbConnection connection = Postgres is null
                ? new SqliteConnection($"Data Source={Path.Combine(Folder, "registry.db")}")
                : new NpgsqlConnection(PostgresConnection.WithLimits(Postgres));
            await connection.OpenAsync();
            if (connection is SqliteConnection sqlite)
                _session.Set(sqlite);
            return connection;
        }
    }

    private static async Task OnAsync(Report report, string database, Func<Task<Place>> placeAsync)
    {
        var seen = await WatchAsync(await placeAsync(), WarmUp + Turns * PerTurn * 2);
        var counted = seen[^1];
        var texts = counted.Statements.ConvertAll(statement => statement.Sql);
        report.Add("publish", $"{database}: statements of one publish", texts.Sum(CountOf), "");
        report.Add("publish", $"{database}: round trips for them", texts.Count, "");
        report.Add("publish", $"{database}: files flushed by one publish", counted.Blobs.Count, "");

        var ours = await placeAsync();
        await using var app = ours.Build();
        app.Services.GetRequiredService<KeyFiles>().MakeMissing();
        await using var registry = await RunningRegistry.StartAsync(ours.Folder, [.. ours.Settings.Select(pair => (pair.Key, pair.Value))]);

        await using var copy = await Copy.MakeAsync(await placeAsync());
        Task PublishAsync(string kind, int number) => ReadBenchmark.PublishAsync(registry, $"{kind}-{number:0000}", "1.0.0", Samples.ExistingImage($"word{number}"));
        Task PublishOursAsync(int number) => PublishAsync("ours", number);
        Task RepeatAsync(int number) => copy.RepeatAsync(seen[number]);
        await TimeAsync(Clients, Enumerable.Range(0, Settling), number => PublishAsync("first", number));
        await TimeAsync(1, Enumerable.Range(0, WarmUp), PublishOursAsync);
        // The repetition must have settled as well: everything once in a place that is not counted.
        await using (var aside = await Copy.MakeAsync(await placeAsync()))
        {
            // The first alone: it makes the namespace, whose number the others name.
            await aside.RepeatAsync(seen[0]);
            await TimeAsync(Clients, Enumerable.Range(1, seen.Count - 1), number => aside.RepeatAsync(seen[number]));
        }
        await TimeAsync(1, Enumerable.Range(0, WarmUp), RepeatAsync);
        var next = WarmUp;
        foreach (var clients in new[] { 1, Clients })
        {
            var (ratios, speeds, ourWork, rawWork) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var turn = 0; turn < Turns; turn++, next += PerTurn)
            {
                var numbers = Enumerable.Range(next, PerTurn);
                var rawBegan = Environment.CpuUsage.TotalTime;
                var rawTime = await TimeAsync(clients, numbers, RepeatAsync);
                rawWork.Add((Environment.CpuUsage.TotalTime - rawBegan).TotalMilliseconds / PerTurn);
                var ourBegan = registry.ProcessorTimeNow();
                var ourTime = await TimeAsync(clients, numbers, PublishOursAsync);
                ourWork.Add((registry.ProcessorTimeNow() - ourBegan).TotalMilliseconds / PerTurn);
                ratios.Add(rawTime / ourTime);
                speeds.Add(PerTurn / ourTime);
            }
            var who = clients == 1 ? "one client" : $"{clients} clients";
            report.Add("publish", $"{database}, {who}: against the raw statements", ratios.Median(), "×", atLeast: 0.5);
            report.Add("publish", $"{database}, {who}", speeds.Median(), " per second");
            // Other work on the machine changes these little; the database server's share is in neither.
            report.Add("publish", $"{database}, {who}: processor time of the registry for one", ourWork.Median(), " ms");
            report.Add("publish", $"{database}, {who}: processor time of the raw statements for one", rawWork.Median(), " ms");
        }
    }

    private static async Task<double> TimeAsync(int clients, IEnumerable<int> numbers, Func<int, Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = clients }, async (number, _) => await work(number));
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Publishes one after another and notes what each did.</summary>
    private static async Task<List<SeenPublish>> WatchAsync(Place place, int count)
    {
        var log = new StatementLog();
        await using var host = await RegistryHost.StartAsync(place.Settings, place.Folder, builder =>
        {
            builder.Services.AddSingleton<IStartupFilter>(log);
            builder.Services.ConfigureDbContext<RegistryContext>(options => options.AddInterceptors(log));
        });
        host.Admin.DefaultRequestHeaders.Add(StatementLog.Header, "yes");
        var known = Files(place.Folder);
        var all = new List<SeenPublish>();
        for (var number = 0; number < count; number++)
        {
            var seen = log.Next = new SeenPublish();
            await host.PublishReadyAsync("bench", $"seen-{number:0000}", "1.0.0", $"word{number}");
            foreach (var file in Files(place.Folder).Except(known).ToList())
            {
                known.Add(file);
                seen.Blobs["sha256:" + Path.GetFileName(file)] = await File.ReadAllBytesAsync(file);
            }
            seen.Number(await NumbersAsync(place));
            all.Add(seen);
        }
        return all;
    }

    // Several may stand in one text; values are never part of it.
    private static int CountOf(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length;

    private static HashSet<string> Files(string folder) => [.. Directory.EnumerateFiles(Path.Combine(folder, "blobs"), "*", SearchOption.AllDirectories)];

    private static async Task<Dictionary<string, long>> NumbersAsync(Place place)
    {
        await using var connection = await place.OpenAsync();
        var numbers = new Dictionary<string, long>();
        foreach (var table in new[] { "components", "versions" })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"""SELECT max("Id") FROM {table}""";
            numbers[table] = (long)(await command.ExecuteScalarAsync())!;
        }
        return numbers;
    }

    /// <summary>A place with the schema and the store that flushes as the registry does, where publishes are done again without a registry.</summary>
    private sealed class Copy(Place place, WebApplication app) : IAsyncDisposable
    {
        private readonly IBlobStore _blobs = app.Services.GetRequiredService<IBlobStore>();

        // SQLite takes one writer; waiting in line costs less than trying again, for whoever writes.
        private readonly SemaphoreSlim? _gate = place.Postgres is null ? new SemaphoreSlim(1, 1) : null;

        public static async Task<Copy> MakeAsync(Place place)
        {
            var app = place.Build();
            await app.Services.GetRequiredService<SchemaUpdate>().ApplyAsync(CancellationToken.None);
            return new Copy(place, app);
        }

        public async Task RepeatAsync(SeenPublish seen)
        {
            // All at once, as the registry flushes them.
            await Task.WhenAll(seen.Blobs.Select(blob => _blobs.PutAsync(blob.Key, blob.Value, CancellationToken.None)));
            if (_gate is not null)
                await _gate.WaitAsync();
            try
            {
                await using var connection = await place.OpenAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                foreach (var statement in seen.Statements.Where(statement => statement.InTransaction))
                    await RunAsync(connection, transaction, statement);
                await transaction.CommitAsync();
            }
            finally
            {
                _gate?.Release();
            }
            await using var reading = await place.OpenAsync();
            foreach (var statement in seen.Statements.Where(statement => !statement.InTransaction))
                await RunAsync(reading, null, statement);
        }

        public async ValueTask DisposeAsync()
        {
            _gate?.Dispose();
            await app.DisposeAsync();
        }

        private static async Task RunAsync(DbConnection connection, DbTransaction? transaction, Statement statement)
        {
            await using var command = connection.CreateCommand();
            (command.CommandText, command.Transaction) = (statement.Sql, transaction);
            foreach (var (name, value, type) in statement.Parameters)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.DbType, parameter.Value) = (name, type, value ?? DBNull.Value);
                command.Parameters.Add(parameter);
            }
            await using var rows = await command.ExecuteReaderAsync();
            do
            {
                while (await rows.ReadAsync())
                {
                    // Read to the end, as the registry does.
                }
            }
            while (await rows.NextResultAsync());
        }
    }
}
