using Claimed.TestKit;

namespace Claimed.Faults.Disk;

/// <summary>A disk of a few megabytes for a data folder, which can be filled and emptied.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("claimed-disk-").FullName);
        (await Shell.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m", "claimed-test", disk.Path])).Succeeded();
        return disk;
    }

    /// <summary>Takes all space but this many bytes.</summary>
    public void Fill(long leave = 0)
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        var block = new byte[4096];
        try
        {
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // Full, as it should be.
        }
        file.SetLength(Math.Max(0, file.Length - leave));
    }

    public void Empty() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        (await Shell.RunAsync("umount", ["--lazy", Path])).Succeeded();
        Directory.Delete(Path);
    }
}
