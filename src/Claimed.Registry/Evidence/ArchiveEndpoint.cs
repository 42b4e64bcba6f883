using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Components;

namespace Claimed.Registry.Evidence;

/// <summary><c>GET …/versions/{version}/evidence.tar.gz</c>: all that is known of a version, to be kept and verified without the registry.</summary>
public static class ArchiveEndpoint
{
    private const int MostFolder = 100;

    public static void MapEvidenceArchive(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/components/{namespace}/{name}/versions/{version}/evidence.tar.gz", Reading.Methods, GetAsync).BySight().WithTags("Evidence").WithName("getEvidence")
            .WithSummary("Download all that is known of a version, to be verified offline")
            .WithDescription("The published files, all forms, the image's manifest and configuration, base images, provenance, list of packages, signatures, public keys and events, "
                + "with a `verify.sh` that needs `sh`, `sha256sum` and `openssl` alone. The same bytes as long as nothing of it changes. One exact version.")
            .Returns<string>(200, "A tar.gz.", "README, verify.sh, SHA256SUMS and the files that they name", "application/gzip")
            .Refuses(400, "bad-reference").Refuses(404, "component-not-found", "version-not-found", "version-not-ready").Refuses(410, "version-purged").Refuses(503, "blob-missing");

    private static async Task<IResult> GetAsync(string @namespace, string name, string version, HttpContext context, EvidenceArchive archive, IBlobStore blobs, TimeProvider clock, CancellationToken cancellation)
    {
        if (CatalogView.Of(context).Find(@namespace, name) is not { } component)
            return Missing.Component(@namespace, name).ToResult();
        if (!SemanticVersion.TryParse(version, out var number))
            return new Refusal(400, "bad-reference", "The reference cannot be read.", "Evidence is kept of one exact version, such as 1.2.0: no range, channel or digest.").ToResult();
        if (component.Find(number) is not { } found || found.HasExpired(clock))
            return Missing.Version(component.Subject, number.ToString()).ToResult();
        if (found.State == Database.Catalog.VersionState.Purged)
            return Missing.Purged(component, found).ToResult();
        if (!found.IsReady)
            return new Refusal(404, "version-not-ready", "The version is not ready.", $"{component.Subject} {found.Number} is {found.State}; there is evidence of ready versions alone.") { State = found.State }.ToResult();
        var files = await archive.FilesAsync(component, found, cancellation);
        return new Streamed(files, FolderOf(component.Name, found.Number.ToString()), blobs);
    }

    /// <summary>The archive's folder. A tar header has room for 155 bytes of folders, and files of ours lie in others below it.</summary>
    internal static string FolderOf(string name, string version)
    {
        var whole = $"{name}-{version}";
        return whole.Length <= MostFolder ? whole : $"{whole[..(MostFolder - 13)]}-{Digest.Of(whole)[7..19]}";
    }

    /// <summary>Packs while it is sent: a bundle may be large.</summary>
    private sealed class Streamed(IReadOnlyList<EvidenceFile> files, string name, IBlobStore blobs) : IResult
    {
        private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            var tag = $"\"{Digest.Of(string.Concat(files.Select(file => $"{file.Digest} {file.Path}\n")))}\"";
            response.Headers.ETag = tag;
            response.Headers.CacheControl = Served.IsForOne(httpContext) ? Served.ForOne(Served.Moving) : Served.Moving;
            if (ETags.IsKnown(httpContext.Request, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            response.ContentType = "application/gzip";
            response.Headers.ContentDisposition = $"attachment; filename=\"{name}-evidence.tar.gz\"";
            if (HttpMethods.IsHead(httpContext.Request.Method))
                return;
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Optimal, leaveOpen: true);
            await using var tar = new TarWriter(gzip, TarEntryFormat.Ustar, leaveOpen: true);
            foreach (var file in files)
            {
                await using var content = file.Bytes is { } bytes ? new MemoryStream(bytes, writable: false) : await blobs.OpenAsync(file.Digest, httpContext.RequestAborted)
                    ?? throw BlobLostException.Missing(file.Digest);
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, $"{name}/{file.Path}")
                {
                    Mode = file.Path.EndsWith(".sh", StringComparison.Ordinal) ? Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : Plain,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    DataStream = content,
                }, httpContext.RequestAborted);
            }
        }
    }
}

/// <summary>A file of the archive.</summary>
/// <param name="Digest">sha256 of its bytes; the blob, where they are not given.</param>
public sealed record EvidenceFile(string Path, string Digest, byte[]? Bytes)
{
    public static EvidenceFile Of(string path, byte[] bytes) => new(path, Storage.Digest.Of(bytes), bytes);

    public static EvidenceFile Of(string path, string text) => Of(path, Encoding.UTF8.GetBytes(text));
}
