using Claimed.Registry.Storage;

namespace Claimed.Registry.Export;

/// <summary>
/// The folder of an export, held by one at a time. Its mark, a folder of its own, is the first thing in it, so that an export that was cut off goes on, and none
/// mixes its files with those of others. In the mark lie the files that are being written.
/// </summary>
public sealed class ExportFolder : IDisposable
{
    private const string Mark = ".claimed-export";
    private const string NewFolder = "new";
    private readonly FileStream _held;
    private long _next;

    private ExportFolder(string path, FileStream held) => (Path, _held) = (path, held);

    /// <summary>Absolute.</summary>
    public string Path { get; }

    private string New => System.IO.Path.Combine(Path, Mark, NewFolder);

    /// <param name="path">An empty folder, a new one, or one that an export has written.</param>
    /// <param name="obstacle">Why it cannot be written to, as a sentence.</param>
    /// <returns>Null when there is an obstacle; nothing was touched then.</returns>
    public static ExportFolder? TryTake(string path, out string obstacle)
    {
        obstacle = "";
        var mark = System.IO.Path.Combine(path, Mark);
        if (!Directory.Exists(mark) && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            obstacle = $"\"{path}\" holds other files: name a new folder, or one that export has written.";
            return null;
        }
        Directory.CreateDirectory(mark);
        try
        {
            var folder = new ExportFolder(path, new FileStream(System.IO.Path.Combine(mark, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            // What one left that was cut off.
            if (Directory.Exists(folder.New))
                Directory.Delete(folder.New, recursive: true);
            Directory.CreateDirectory(folder.New);
            return folder;
        }
        catch (IOException fault) when (FileHold.IsHeldByAnother(fault))
        {
            obstacle = $"Another export is writing \"{path}\": wait for its end.";
            return null;
        }
    }

    /// <summary>A reader of the folder sees the old file or the new one, never a part.</summary>
    /// <param name="name">Path in the folder.</param>
    /// <returns>Whether it is new or was another.</returns>
    public async Task<bool> PutAsync(string name, byte[] bytes, CancellationToken cancellation)
    {
        var file = System.IO.Path.Combine(Path, name);
        if (File.Exists(file) && new FileInfo(file).Length == bytes.Length && (await File.ReadAllBytesAsync(file, cancellation)).AsSpan().SequenceEqual(bytes))
            return false;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        var temporary = System.IO.Path.Combine(New, $"{Interlocked.Increment(ref _next)}");
        await File.WriteAllBytesAsync(temporary, bytes, cancellation);
        // A web server of another account reads them.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(temporary, file, overwrite: true);
        return true;
    }

    /// <summary>Puts a file of the folder there a second time.</summary>
    public async Task CopyAsync(string from, string to, CancellationToken cancellation) => await PutAsync(to, await File.ReadAllBytesAsync(System.IO.Path.Combine(Path, from), cancellation), cancellation);

    /// <summary>Deletes files.</summary>
    /// <param name="under">A folder in this one.</param>
    /// <param name="isKept">Asked for each path in this folder, with slashes.</param>
    /// <returns>How many were deleted.</returns>
    public int Remove(string under, Func<string, bool> isKept)
    {
        var root = System.IO.Path.Combine(Path, under);
        if (!Directory.Exists(root))
            return 0;
        var gone = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(file => !isKept(System.IO.Path.GetRelativePath(Path, file).Replace('\\', '/'))).ToList();
        gone.ForEach(File.Delete);
        return gone.Count;
    }

    public void Dispose() => _held.Dispose();
}
