using Claimed.Registry;
using Claimed.Registry.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Claimed.TestKit;

/// <summary>A real PostgreSQL of this test run, whose databases order text by ICU's en-US. Each registry gets a database of its own. It can be stopped and started again.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Template = "registry_template";

    private readonly PrivateServer _server;
    private readonly SemaphoreSlim _one = new(1, 1);
    private bool _hasTemplate;
    private int _count;

    private PostgresServer(PrivateServer server, int port)
    {
        _server = server;
        Port = port;
    }

    /// <summary>Loopback port that it listens on.</summary>
    public int Port { get; }

    /// <param name="settings">Server settings, such as <c>fsync=off</c>.</param>
    public static async Task<PostgresServer> StartAsync(params IEnumerable<string> settings)
    {
        var folder = Directory.CreateTempSubdirectory("claimed-postgres-").FullName;
        var port = FreePorts.Next();
        return new PostgresServer(await PrivateServer.StartAsync("private-postgres.sh", [folder, port.ToString(), .. settings]), port);
    }

    /// <summary>A new database with the registry's schema, or without any; returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(bool empty = false)
    {
        var name = $"registry_{Interlocked.Increment(ref _count)}";
        await _one.WaitAsync();
        try
        {
            if (!empty && !_hasTemplate)
                await MakeTemplateAsync();
            await ExecuteAsync($"CREATE DATABASE {name}{(empty ? "" : $" TEMPLATE {Template}")}");
        }
        finally
        {
            _one.Release();
        }
        return ConnectionString(name);
    }

    /// <summary>Drops a database with whatever is still connected to it.</summary>
    public Task DropAsync(string connectionString) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>Runs statements as the server's owner.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends it at once (an immediate shutdown): every session is cut, and the next start recovers from the log.</summary>
    public Task StopAsync() => _server.SayAsync("stop", "stopped");

    public Task StartAgainAsync() => _server.SayAsync("start", "ready");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task MakeTemplateAsync()
    {
        await ExecuteAsync($"CREATE DATABASE {Template}");
        await using (var app = RegistryApp.Build(["--Database:Provider=Postgres", $"--Database:ConnectionString={ConnectionString(Template)};Pooling=false"]))
            await app.Services.GetRequiredService<SchemaUpdate>().ApplyAsync(CancellationToken.None);
        _hasTemplate = true;
    }

    private string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Database={database};Username=registry";
}
