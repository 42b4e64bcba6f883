using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage;

/// <summary>Sees that one process alone uses the embedded database of a data folder.</summary>
public sealed class DataLock : IDisposable
{
    private readonly FileStream? _file;

    private DataLock(FileStream? file) => _file = file;

    /// <summary>Takes the lock where the database is a file of that folder; a server takes care of itself. Null: another process holds it.</summary>
    public static DataLock? TakeWhereNeeded(IServiceProvider services) => services.GetRequiredService<IOptions<DatabaseOptions>>().Value.IsSqlite
        ? TryTake(services.GetRequiredService<IOptions<RegistryOptions>>().Value.DataPath)
        : new DataLock(null);

    /// <summary>Takes the lock, or returns null when another process holds it. The system frees it when the process dies.</summary>
    public static DataLock? TryTake(string dataPath)
    {
        Directory.CreateDirectory(dataPath);
        try
        {
            return new DataLock(new FileStream(Path.Combine(dataPath, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException fault) when (FileHold.IsHeldByAnother(fault))
        {
            return null;
        }
    }

    public void Dispose() => _file?.Dispose();
}
