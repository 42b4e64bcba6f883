using Claimed.Database;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Claimed.Faults;

/// <summary>The database of a scenario: the settings of the program, and a look of our own at its rows.</summary>
public sealed class Store
{
    // Nodes of one registry have the same keys. Here all registries do: making them is one more start of the program.
    private static readonly Lazy<string> _keys = new(() => Directory.CreateTempSubdirectory("claimed-keys-").FullName);
    private static readonly Lazy<Task> _keysMade = new(MakeKeysAsync);

    private readonly string? _connection;

    private Store(string name, string? connection) => (Name, _connection) = (name, connection);

    public static Store Sqlite { get; } = new("SQLite", null);

    public string Name { get; }

    public static Store Postgres(string connection) => new("PostgreSQL", connection);

    /// <param name="through">The port of a proxy to take instead of the server's own.</param>
    public Dictionary<string, string> Settings(int? through = null)
    {
        if (_connection is null)
            return [];
        var connection = new NpgsqlConnectionStringBuilder(_connection);
        if (through is { } port)
            connection.Port = port;
        return new Dictionary<string, string>
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = connection.ConnectionString,
            ["Registry:KeysPath"] = _keys.Value,
            // A killed builder is known to be dead only by the silence of its beat.
            ["Builds:Lease"] = "00:00:03",
        };
    }

    /// <summary>What a node needs before its first start: on PostgreSQL the keys are made once, for all nodes.</summary>
    public Task PrepareAsync() => _connection is null ? Task.CompletedTask : _keysMade.Value;

    /// <summary>Removes what all stores share, at the end of the run.</summary>
    public static void RemoveKeys()
    {
        if (_keys.IsValueCreated)
            Directory.Delete(_keys.Value, recursive: true);
    }

    private static async Task MakeKeysAsync()
    {
        await using var registry = new RegistryProcess(new Dictionary<string, string> { ["Registry:KeysPath"] = _keys.Value });
        (await registry.RunWordAsync("keys")).Succeeded();
    }

    public RegistryContext Open(RegistryProcess registry)
    {
        var options = new DbContextOptionsBuilder<RegistryContext>();
        if (_connection is null)
            Migrations.Sqlite.DesignTimeFactory.Use(options, $"Data Source={Path.Combine(registry.DataPath, "registry.db")};Pooling=false");
        else
            Migrations.Postgres.DesignTimeFactory.Use(options, _connection + ";Pooling=false");
        return new RegistryContext(options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking).Options);
    }
}
