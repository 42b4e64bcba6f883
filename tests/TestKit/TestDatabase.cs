using System.Collections.Concurrent;
using System.Data.Common;
using Claimed.Registry;
using Claimed.Registry.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Claimed.TestKit;

/// <summary>
/// The database under the registries of a test run: a SQLite file in each data folder, or with <c>CLAIMED_TEST_DATABASE=postgres</c> a
/// database for each data folder in one private PostgreSQL.
/// </summary>
public static class TestDatabase
{
    private static readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync("fsync=off"));
    private static readonly Lazy<Task<string>> _template = new(MakeTemplateAsync);
    private static readonly ConcurrentDictionary<string, Task<string>> _databases = new(StringComparer.Ordinal);

    public static bool IsPostgres { get; } =
        string.Equals(Environment.GetEnvironmentVariable("CLAIMED_TEST_DATABASE"), "postgres", StringComparison.OrdinalIgnoreCase);

    /// <summary>Settings that make a registry use the database and the blobs of its data folder; the same whenever the folder is the same.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> SettingsAsync(string dataPath)
    {
        // Whoever needs the one needs the other.
        var blobs = await TestBlobs.SettingsAsync(dataPath);
        if (IsPostgres)
            return new Dictionary<string, string>(blobs)
            {
                ["Database:Provider"] = "Postgres",
                ["Database:ConnectionString"] = await _databases.GetOrAdd(dataPath, async _ => await (await _server.Value).CreateDatabaseAsync()),
            };
        // Migrating anew would take most of a start.
        var file = Path.Combine(dataPath, "registry.db");
        if (!File.Exists(file))
            File.Copy(await _template.Value, file);
        return blobs;
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("claimed-template-").FullName;
        await using (var app = RegistryApp.Build([$"--Registry:DataPath={folder}"]))
            await app.Services.GetRequiredService<SchemaUpdate>().ApplyAsync(CancellationToken.None);
        // The last connection that closes brings the journal into the file.
        var file = Path.Combine(folder, "registry.db");
        await using (var connection = new SqliteConnection($"Data Source={file}"))
            SqliteConnection.ClearPool(connection);
        return file;
    }

    /// <summary>Settings for what only the file has, whatever the run is on: the lock of the folder, migrating at start.</summary>
    public static IReadOnlyDictionary<string, string> OnSqlite(string dataPath) => new Dictionary<string, string>
    {
        ["Database:Provider"] = "Sqlite",
        ["Database:ConnectionString"] = $"Data Source={Path.Combine(dataPath, "registry.db")}",
    };

    /// <summary>Opens the database of a data folder beside the registry that uses it.</summary>
    public static async Task<DbConnection> OpenAsync(string dataPath)
    {
        DbConnection connection = IsPostgres
            ? new NpgsqlConnection(await _databases[dataPath] + ";Pooling=false")
            : new SqliteConnection($"Data Source={Path.Combine(dataPath, "registry.db")};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Runs a statement; returns how many rows it changed.</summary>
    public static async Task<int> ExecuteAsync(string dataPath, string sql)
    {
        await using var connection = await OpenAsync(dataPath);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of every row.</summary>
    public static async Task<List<object>> QueryAsync(string dataPath, string sql)
    {
        await using var connection = await OpenAsync(dataPath);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<object>();
        while (await reader.ReadAsync())
            values.Add(reader.GetValue(0));
        return values;
    }

    /// <summary>Forgets the database of a data folder that is to be deleted.</summary>
    public static async Task DropAsync(string dataPath)
    {
        if (_databases.TryRemove(dataPath, out var database))
            await (await _server.Value).DropAsync(await database);
    }
}
