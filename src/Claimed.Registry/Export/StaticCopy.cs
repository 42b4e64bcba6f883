using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Export;

/// <summary>What an export did.</summary>
/// <param name="Files">All that are there now.</param>
/// <param name="Written">Those that are new or have other bytes than before.</param>
/// <param name="Removed">Those of an earlier export that the registry no longer has, or no longer shows to everyone.</param>
/// <param name="Failed">Paths that did not answer with a file, and why. What an earlier export wrote of them stays.</param>
public sealed record Exported(int Files, int Written, int Removed, IReadOnlyList<(string Path, string Reason)> Failed);

/// <summary>
/// Writes what everyone may read as files, by asking the registry itself for each, as anyone would: the bytes and their types are those that it serves. The folder then
/// has <c>files/</c>, and beside it <c>nginx.conf</c>, which serves them under the same URLs.
/// </summary>
public sealed class StaticCopy(ExportPaths paths)
{
    public const string FilesFolder = "files";
    public const string ConfigurationFile = "nginx.conf";

    /// <summary>Has a folder for each type that a file's name does not say.</summary>
    internal const string TypesFolder = "types";

    private const int AtOnce = 4;
    private const int MostReason = 300;

    /// <param name="client">Asks the registry, without credentials and without a limit on time: on a cold node a large catalog takes its time.</param>
    public async Task<Exported> WriteAsync(HttpClient client, CatalogSnapshot catalog, ExportFolder folder, CancellationToken cancellation)
    {
        var types = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var failed = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var written = 0;
        await Parallel.ForEachAsync(await paths.OfAsync(catalog, cancellation), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (path, stopping) =>
        {
            try
            {
                using var answer = await client.GetAsync(path, stopping);
                // Since the paths were read it has become private, or was purged.
                if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
                    return;
                if (answer.IsSuccessStatusCode)
                {
                    if (await folder.PutAsync(FilesFolder + FileOf(path), await answer.Content.ReadAsByteArrayAsync(stopping), stopping))
                        Interlocked.Increment(ref written);
                    types[path] = answer.Content.Headers.ContentType!.ToString();
                }
                else
                {
                    failed[path] = ShownText.Of($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(stopping)}", MostReason);
                }
            }
            catch (HttpRequestException cut)
            {
                failed[path] = cut.Message;
            }
        });
        var configuration = new NginxConfiguration(types);
        var typed = types.Select(each => (each.Key, Folder: configuration.FolderOf(each.Key, each.Value))).Where(each => each.Folder is not null).ToDictionary(each => each.Key, each => $"{TypesFolder}/{each.Folder}", StringComparer.Ordinal);
        foreach (var (path, root) in typed)
            await folder.CopyAsync(FilesFolder + FileOf(path), root + FileOf(path), cancellation);
        // What could not be read is not taken for gone, whichever type it had.
        var unread = failed.Keys.Select(FileOf).ToHashSet(StringComparer.Ordinal);
        var kept = types.Keys.Select(path => FilesFolder + FileOf(path)).ToHashSet(StringComparer.Ordinal);
        var removed = folder.Remove(FilesFolder, file => kept.Contains(file) || unread.Contains(file[FilesFolder.Length..]));
        var keptTyped = typed.Select(each => each.Value + FileOf(each.Key)).ToHashSet(StringComparer.Ordinal);
        folder.Remove(TypesFolder, file => keptTyped.Contains(file) || unread.Contains(file[file.IndexOf('/', TypesFolder.Length + 1)..]));
        await folder.PutAsync("site.conf", Encoding.UTF8.GetBytes(configuration.Site(folder.Path)), cancellation);
        await folder.PutAsync(ConfigurationFile, Encoding.UTF8.GetBytes(NginxConfiguration.Whole), cancellation);
        return new Exported(types.Count, written, removed, [.. failed.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => (each.Key, each.Value))]);
    }

    /// <summary>A page that stands for a folder.</summary>
    internal static string FileOf(string path) => path.EndsWith('/') ? path + "index.html" : path;
}
