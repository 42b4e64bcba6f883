using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Claimed.Benchmarks;

/// <summary>
/// What more builder processes bring on builds that wait more than they compute, how builds of many namespaces take turns, and that a publish
/// does not feel how long the queue is.
/// </summary>
internal static class BuildBenchmark
{
    private const string Busybox = "/bin/busybox";
    private const int Builds = 8;
    private const int SleepSeconds = 20;
    private const int WarmSeconds = 4;
    private const int Spaces = 50;
    private const int Queued = 1000;
    private const int Turns = 9;
    private const int PerTurn = 40;

    private const string Component = """
        name: Wait
        implementation:
          container:
            image: ''
            command: [busybox, 'true']

        """;

    public static async Task RunAsync(Report report)
    {
        await using var postgres = await PostgresServer.StartAsync("fsync=off");
        await ScaleAsync(report, postgres);
        await TurnsAsync(report, postgres);
        await LatencyAsync(report, "PostgreSQL", postgres);
        await LatencyAsync(report, "SQLite", null);
    }

    private static async Task ScaleAsync(Report report, PostgresServer postgres)
    {
        if (!File.Exists(Busybox))
            throw new InvalidOperationException($"{Busybox} is missing: install Debian's busybox-static, whose sleep the builds call.");
        await using var broker = await RabbitMqServer.StartAsync();
        var engine = new ContainerEngine { HasBaseImages = false };
        await engine.InitializeAsync();
        try
        {
            var alone = 0.0;
            foreach (var builders in new[] { 1, 2, 4 })
            {
                var seconds = await WithAsync(builders, engine, broker, await postgres.CreateDatabaseAsync());
                alone = builders == 1 ? seconds : alone;
                report.Add("builds", $"{builders} builder{(builders == 1 ? "" : "s")}, {Builds} builds that sleep {SleepSeconds} s each", seconds, " s");
                if (builders > 1)
                    report.Add("builds", $"{builders} builders against one", alone / seconds, "×", atLeast: builders == 2 ? 1.9 : 3.6);
            }
        }
        finally
        {
            await engine.DisposeAsync();
        }
    }

    /// <summary>Seconds from the first publish until the last version is ready.</summary>
    private static async Task<double> WithAsync(int builders, ContainerEngine engine, RabbitMqServer broker, string database)
    {
        var folder = Workspace.Folder("scale");
        var settings = new Dictionary<string, string>(engine.Settings)
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = database,
            ["Bus:Transport"] = "RabbitMq",
            ["Bus:Uri"] = broker.Uri,
            ["Builds:Concurrency"] = "1",
        };
        await using var web = new RegistryProcess(settings, folder, null, "web");
        (await web.RunWordAsync("keys")).Succeeded();
        await web.StartAsync();
        settings["Registry:PublicUrl"] = $"http://127.0.0.1:{web.Port}";
        var processes = new List<RegistryProcess>();
        try
        {
            for (var index = 0; index < builders; index++)
                processes.Add(new RegistryProcess(settings, folder, null, "build"));
            await Task.WhenAll(processes.Select(process => process.StartAsync()));
            // The first build of a process compiles its code; each takes one of these, because the others are busy meanwhile.
            await BuildAsync(web, "warm", builders, WarmSeconds);
            var began = Stopwatch.GetTimestamp();
            await BuildAsync(web, "scale", Builds, SleepSeconds);
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
        finally
        {
            foreach (var process in processes)
                await process.DisposeAsync();
        }
    }

    /// <summary>Publishes versions whose builds sleep, and waits until the last of them is ready.</summary>
    private static async Task BuildAsync(RegistryProcess web, string space, int builds, int seconds)
    {
        var busybox = await ArchiveAsync();
        var paths = new List<string>();
        for (var index = 0; index < builds; index++)
        {
            var upload = new Multipart().Source("component.yaml", Component).Source("word.txt", $"{space}-{index}").Source("busybox.tar", busybox)
                .Source("Dockerfile", $"FROM scratch\nADD busybox.tar /\nCOPY word.txt /word.txt\nRUN [\"/bin/busybox\", \"sleep\", \"{seconds}\"]\n");
            var path = $"/api/v1/components/{space}/w{index}/versions/1.0.0";
            await web.Admin.SendAsync(HttpMethod.Put, path, upload.ToContent());
            paths.Add(path);
        }
        foreach (var path in paths)
        {
            var ended = await web.Anonymous.UntilAsync(path, version => version["state"] is "ready" or "failed");
            if (ended["state"] != "ready")
                throw new InvalidOperationException(ended.Text);
        }
    }

    /// <summary>The program with the right to be run, which a part of an upload does not have.</summary>
    private static async Task<byte[]> ArchiveAsync()
    {
        var bytes = new MemoryStream();
        await using (var archive = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            using var program = new MemoryStream(await File.ReadAllBytesAsync(Busybox));
            await archive.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = (UnixFileMode)0b111_101_101, DataStream = program });
        }
        return bytes.ToArray();
    }

    /// <summary>Half of the builds are of one namespace and came first; the others must not notice.</summary>
    private static async Task TurnsAsync(Report report, PostgresServer postgres)
    {
        await using var host = await HostAsync(await postgres.CreateDatabaseAsync());
        var order = new List<int>();
        for (var index = 0; index < Queued / 2; index++)
            order.Add(0);
        for (var index = 0; index < Queued / 2; index++)
            order.Add(1 + index % (Spaces - 1));
        for (var index = 0; index < order.Count; index++)
            await host.PublishAsync($"space-{order[index]:00}", $"c{index}", null, ("step.py", Samples.Script($"w{index}")));
        var queue = host.Services.GetRequiredService<BuildQueue>();
        var offer = new BuilderOffer("benchmark", "linux/amd64");
        var taken = new List<string>();
        var began = Stopwatch.GetTimestamp();
        while (await queue.TakeAsync(offer, CancellationToken.None) is { } lease)
        {
            taken.Add(await SpaceOfAsync(host, lease));
            await queue.FailAsync(lease, "failed", "for the benchmark", null, CancellationToken.None);
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        // In what was taken while all had builds waiting, how many more the most served has than the least.
        var firstRound = taken.Take(Spaces * 5).GroupBy(space => space).Select(group => group.Count()).ToList();
        report.Add("builds", $"{Queued} builds of {Spaces} namespaces, half of one of them first: taken of it among the first {Spaces * 5}", taken.Take(Spaces * 5).Count(space => space == "space-00"), "", atMost: 6);
        report.Add("builds", "most served against least served namespace there", firstRound.Max() - firstRound.Min(), " builds", atMost: 1);
        report.Add("builds", "namespaces that were served there", firstRound.Count, "", atLeast: Spaces);
        report.Add("builds", "builds taken in the end", taken.Count, "", atLeast: Queued);
        report.Add("builds", "taking and ending one, with up to 1000 queued", seconds * 1000 / taken.Count, " ms");
    }

    private static async Task<string> SpaceOfAsync(RegistryHost host, BuildLease lease)
    {
        var link = (await host.Anonymous.SendAsync(HttpMethod.Get, $"/api/v1/builds/{lease.BuildId}")).Json.GetProperty("links").GetProperty("version").GetString()!;
        return new Uri(link).AbsolutePath.Split('/')[4];
    }

    /// <summary>The same publishes into two registries in turns: one with ten builds queued, one with a hundred thousand.</summary>
    private static async Task LatencyAsync(Report report, string name, PostgresServer? postgres)
    {
        await using var few = await HostAsync(postgres is null ? null : await postgres.CreateDatabaseAsync());
        await using var many = await HostAsync(postgres is null ? null : await postgres.CreateDatabaseAsync());
        await FillAsync(few, postgres, 10);
        await FillAsync(many, postgres, 100_000);
        await TurnAsync(few, "warm", 0);
        await TurnAsync(many, "warm", 0);
        var ratios = new List<double>();
        for (var turn = 1; turn <= Turns; turn++)
            ratios.Add(1 / (await TurnAsync(few, "timed", turn) / await TurnAsync(many, "timed", turn)));
        report.Add("builds", $"{name}: a publish that is queued behind 100,000 others against one behind 10", ratios.Median(), "×", atMost: 1.3);
    }

    private static async Task<double> TurnAsync(RegistryHost host, string kind, int turn)
    {
        var began = Stopwatch.GetTimestamp();
        for (var index = 0; index < PerTurn; index++)
            await host.PublishAsync("bench", $"{kind}-{turn}-{index}", "1.0.0", ("step.py", Samples.Script($"{kind}{turn}{index}")));
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Copies of one queued version and its build, put straight into the tables.</summary>
    private static async Task FillAsync(RegistryHost host, PostgresServer? postgres, int count)
    {
        await host.PublishAsync("bench", "template", "1.0.0", ("step.py", Samples.Script("template")));
        var (components, versions) = await host.Services.GetRequiredService<RegistryDatabase>().ReadAsync(
            db => Task.FromResult((Columns<Component>(db, "Id", "Name"), Columns<ComponentVersion>(db, "Id", "Number", "ComponentId"))), CancellationToken.None);
        // Statistics of one component with everything in it would lead the planner to read whole tables for any.
        var sql = $"""
            INSERT INTO components ("Name", {components}) SELECT 'template-' || n.i, {components} FROM components CROSS JOIN {Numbers(postgres, Math.Max(1, count / 100))} WHERE "Name" = 'template';
            INSERT INTO versions ("ComponentId", "Number", {versions}) SELECT c."Id", '1.' || n.i || '.0', {Of("v", versions)}
            FROM versions v CROSS JOIN {Numbers(postgres, Math.Min(100, count))} CROSS JOIN components c WHERE v."Number" = '1.0.0' AND c."Name" <> 'template';
            INSERT INTO builds ("VersionId", "NamespaceId", "Round", "State", "Attempt", "Fence", "Beat", "CancelRequested", "QueuedAt", "NotBefore")
            SELECT v."Id", b."NamespaceId", 1, 'queued', 0, 0, 0, b."CancelRequested", b."QueuedAt", 0 FROM builds b CROSS JOIN versions v WHERE b."Id" = 1 AND v."Id" <> b."VersionId";
            """;
        if (postgres is null)
            await TestDatabase.ExecuteAsync(host.DataPath, sql + "ANALYZE");
        else
            await ExecuteAsync(host, sql + "ANALYZE");
    }

    private static string Columns<T>(DbContext db, params string[] except) => string.Join(", ",
        db.Model.FindEntityType(typeof(T))!.GetProperties().Select(property => property.GetColumnName()).Except(except).Select(column => $"\"{column}\""));

    private static string Of(string table, string columns) => table + "." + columns.Replace(", ", $", {table}.", StringComparison.Ordinal);

    private static string Numbers(PostgresServer? postgres, int most) => postgres is null
        ? string.Create(CultureInfo.InvariantCulture, $"(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {most}) SELECT i FROM c) n")
        : string.Create(CultureInfo.InvariantCulture, $"generate_series(1, {most}) AS n(i)");

    private static async Task ExecuteAsync(RegistryHost host, string sql)
    {
        var options = host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<DatabaseOptions>>().Value;
        await using var connection = new NpgsqlConnection(options.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    private static Task<RegistryHost> HostAsync(string? database) => RegistryHost.StartAsync(database is null ? null : new Dictionary<string, string>
    {
        ["Database:Provider"] = "Postgres",
        ["Database:ConnectionString"] = database,
    });
}
