using Claimed.Database;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Claimed.Faults;

/// <summary>The database of a scenario: the settings of the program, and a look of our own at its rows.</summary>
public sealed class Store
{
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
            // A killed builder is known to be dead only by the silence of its beat.
            ["Builds:Lease"] = "00:00:03",
        };
    }

    /// <summary>What a node needs before its first start: on PostgreSQL the keys are made once, for all nodes.</summary>
    public async Task PrepareAsync(RegistryProcess registry)
    {
        if (_connection is not null)
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
