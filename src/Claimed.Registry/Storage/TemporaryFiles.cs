using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage;

/// <summary>Files under <c>{DataPath}/uploads</c>: bytes on their way into the store, or too many for memory.</summary>
public sealed class TemporaryFiles
{
    private readonly string _folder;

    public TemporaryFiles(IOptions<RegistryOptions> options)
    {
        _folder = Path.Combine(Path.GetFullPath(options.Value.DataPath), "uploads");
        Directory.CreateDirectory(_folder);
    }

    /// <summary>The same for the same name, which is a plain file name.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Removes the files with such a name that no process works with: what a killed one left.</summary>
    public void DropUnheld(string prefix)
    {
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles(prefix + "*"))
        {
            using var held = FileHold.TryTake(file.FullName);
            if (held is not null)
                file.Delete();
        }
    }

    /// <summary>Removes the files that nobody has written to since then, or only counts them.</summary>
    public (int Count, long Bytes) Drop(DateTimeOffset idleSince, bool countOnly)
    {
        var (count, bytes) = (0, 0L);
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles().Where(file => file.LastWriteTimeUtc < idleSince.UtcDateTime))
        {
            // Held: a request writes to it in this moment, in whichever process.
            using var held = FileHold.TryTake(file.FullName);
            file.Refresh();
            if (held is null || !file.Exists || file.LastWriteTimeUtc >= idleSince.UtcDateTime)
                continue;
            count++;
            bytes += file.Length;
            if (!countOnly)
                file.Delete();
        }
        return (count, bytes);
    }
}
