namespace Claimed.Registry.Storage;

/// <summary>Settings <c>Database__…</c>.</summary>
public sealed record DatabaseOptions
{
    /// <summary><c>Sqlite</c> (one process, a file) or <c>Postgres</c>.</summary>
    public string Provider { get; init; } = "Sqlite";

    /// <summary>Defaults to <c>{DataPath}/registry.db</c> on SQLite; needed for PostgreSQL.</summary>
    public string? ConnectionString { get; init; }

    public bool IsSqlite => Provider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase);
}
