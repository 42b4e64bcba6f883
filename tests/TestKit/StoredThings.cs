using Microsoft.Data.Sqlite;

namespace Claimed.TestKit;

/// <summary>How much a registry has stored: rows of its tables and files of its blob store. Equal before and after a refusal.</summary>
public sealed record StoredThings(long Rows, int Files)
{
    public static StoredThings In(RegistryHost host)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(host.DataPath, "registry.db")};Mode=ReadOnly");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = """
            SELECT (SELECT count(*) FROM namespaces) + (SELECT count(*) FROM components) + (SELECT count(*) FROM versions)
                 + (SELECT count(*) FROM builds) + (SELECT count(*) FROM renditions) + (SELECT count(*) FROM channels) + (SELECT count(*) FROM events)
            """;
        string[] folders = [Path.Combine(host.DataPath, "blobs"), Path.Combine(host.DataPath, "uploads")];
        return new StoredThings((long)command.ExecuteScalar()!,
            folders.Sum(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count()));
    }
}
