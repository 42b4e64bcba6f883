using System.Collections.Concurrent;
using System.Text;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Export;

/// <summary>What an export did.</summary>
/// <param name="Files">All that are there now.</param>
/// <param name="Written">Those that are new or have other bytes than before.</param>
/// <param name="Removed">Those of an earlier export that the registry no longer has.</param>
/// <param name="Failed">Paths that did not answer with a file, and what they answered.</param>
public sealed record Exported(int Files, int Written, int Removed, IReadOnlyList<string> Failed);

/// <summary>
/// Writes what everyone may read as files, by asking the registry itself for each, as anyone would: the bytes and their types are those that it serves. The folder then
/// has <c>files/</c>, and beside it <c>nginx.conf</c>, which serves
/// them under the same URLs.
/// </summary>
public sealed class StaticCopy(ExportPaths paths)
{
    public const string FilesFolder = "files";
    public const string ConfigurationFile = "nginx.conf";
    private const int AtOnce = 4;

    /// <param name="client">Asks the registry, without credentials.</param>
    /// <param name="folder">An empty folder, a new one, or one that an export has written.</param>
    public async Task<Exported> WriteAsync(HttpClient client, CatalogSnapshot catalog, string folder, CancellationToken cancellation)
    {
        var root = Path.Combine(folder, FilesFolder);
        Directory.CreateDirectory(root);
        var types = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var failed = new ConcurrentBag<string>();
        var written = 0;
        await Parallel.ForEachAsync(await paths.OfAsync(catalog, cancellation), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (path, stopping) =>
        {
            using var answer = await client.GetAsync(path, stopping);
            if (!answer.IsSuccessStatusCode)
            {
                failed.Add($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(stopping)}");
                return;
            }
            types[path] = answer.Content.Headers.ContentType!.ToString();
            if (await PutAsync(root + FileOf(path), await answer.Content.ReadAsByteArrayAsync(stopping), stopping))
                Interlocked.Increment(ref written);
        });
        // What could not be read is not taken for gone.
        var kept = types.Keys.Concat(failed.Select(line => line[..line.IndexOf(':')])).Select(path => root + FileOf(path)).ToHashSet(StringComparer.Ordinal);
        var removed = failed.IsEmpty ? Remove(root, kept) : 0;
        await PutAsync(Path.Combine(folder, "site.conf"), Encoding.UTF8.GetBytes(NginxConfiguration.Site(root, types)), cancellation);
        await PutAsync(Path.Combine(folder, ConfigurationFile), Encoding.UTF8.GetBytes(NginxConfiguration.Whole), cancellation);
        return new Exported(types.Count, written, removed, [.. failed.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Whether something else lies in the folder, which an export would mix with its files.</summary>
    public static bool IsForeign(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, ConfigurationFile));

    /// <summary>A page that stands for a folder.</summary>
    internal static string FileOf(string path) => path.EndsWith('/') ? path + "index.html" : path;

    /// <summary>A reader of the folder sees the old file or the new one, never a part.</summary>
    private static async Task<bool> PutAsync(string file, byte[] bytes, CancellationToken cancellation)
    {
        if (File.Exists(file) && new FileInfo(file).Length == bytes.Length && (await File.ReadAllBytesAsync(file, cancellation)).AsSpan().SequenceEqual(bytes))
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var temporary = file + ".new";
        await File.WriteAllBytesAsync(temporary, bytes, cancellation);
        // A web server of another account reads them.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(temporary, file, overwrite: true);
        return true;
    }

    private static int Remove(string root, HashSet<string> kept)
    {
        var gone = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(file => !kept.Contains(file)).ToList();
        gone.ForEach(File.Delete);
        return gone.Count;
    }
}
