namespace Claimed.TestKit;

/// <summary>How much a registry has stored: rows of its tables and files of its blob store. Equal before and after a refusal.</summary>
public sealed record StoredThings(long Rows, int Files)
{
    public static async Task<StoredThings> InAsync(RegistryHost host)
    {
        var rows = await TestDatabase.QueryAsync(host.DataPath, """
            SELECT (SELECT count(*) FROM namespaces) + (SELECT count(*) FROM components) + (SELECT count(*) FROM versions)
                 + (SELECT count(*) FROM builds) + (SELECT count(*) FROM renditions) + (SELECT count(*) FROM channels) + (SELECT count(*) FROM events)
            """);
        string[] folders = [Path.Combine(host.DataPath, "blobs"), Path.Combine(host.DataPath, "uploads")];
        return new StoredThings((long)rows.Single(),
            folders.Sum(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count()));
    }
}
