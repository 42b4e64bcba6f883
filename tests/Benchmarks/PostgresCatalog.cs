using Claimed.TestKit;
using Npgsql;

namespace Claimed.Benchmarks;

/// <summary>A data folder and a database of a PostgreSQL of its own with a catalog of many components.</summary>
internal sealed class PostgresCatalog : IAsyncDisposable
{
    private readonly PostgresServer _server;

    private PostgresCatalog(PostgresServer server, string database) => (_server, Database) = (server, database);

    public string Folder { get; } = Workspace.Folder("postgres-catalog");

    /// <summary>Its connection string.</summary>
    public string Database { get; }

    /// <summary>Of a registry that serves it.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings => [("Database:Provider", "Postgres"), ("Database:ConnectionString", Database)];

    public static async Task<PostgresCatalog> MakeAsync(int components)
    {
        var server = await PostgresServer.StartAsync("fsync=off");
        var catalog = new PostgresCatalog(server, await server.CreateDatabaseAsync());
        (await Shell.RunAsync(await PublishedProgram.PathAsync(), ["keys"], new Dictionary<string, string?> { ["Registry__DataPath"] = catalog.Folder })).Succeeded();
        await using var connection = new NpgsqlConnection(catalog.Database);
        await connection.OpenAsync();
        await CatalogFill.RunAsync(connection, Path.Combine(catalog.Folder, "blobs"), components);
        // Numbers that were given by hand are not to be given again.
        foreach (var table in (string[])["namespaces", "components", "versions", "builds"])
        {
            await using var command = new NpgsqlCommand($"""SELECT setval(pg_get_serial_sequence('{table}', 'Id'), MAX("Id")) FROM {table}""", connection);
            await command.ExecuteScalarAsync();
        }
        return catalog;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
