using System.IO.Compression;
using System.Text;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary><c>/api/v1/builds/{id}/Dockerfile</c> and <c>…/context</c>: what a build makes its image from, to do the same by hand.</summary>
internal static class BuildFileEndpoints
{
    public static void MapBuildFiles(this RouteGroupBuilder builds)
    {
        builds.MapMethods("{id:long}/Dockerfile", Reading.Methods, DockerfileAsync).BySight().WithName("getBuildDockerfile").WithSummary("Read the Dockerfile of a build")
            .WithDescription("What the newest attempt builds, also while it runs and after it failed. Its first lines say how to do the same by hand.")
            .Returns<string>(200, "The Dockerfile.", "# acme/filter-csv 1.2.0, as build 17 makes it. By hand:\n#   curl -fsSL http://localhost:8080/api/v1/builds/17/context | docker build -t acme/filter-csv:1.2.0 -\nFROM claimed/base-python:1\n", "text/plain")
            .Refuses(404, "build-not-found", "build-not-begun").Refuses(410, "version-purged").Refuses(503, "blob-missing");
        builds.MapMethods("{id:long}/context", Reading.Methods, ContextAsync).BySight().WithName("getBuildContext").WithSummary("Download what a build's engine gets")
            .WithDescription("The Dockerfile and the files that it copies, as `docker build -` takes them.")
            .Returns<string>(200, "A tar.gz archive.", "Dockerfile, claimed/…, source/…", "application/gzip")
            .Refuses(404, "build-not-found", "build-not-begun").Refuses(410, "version-purged").Refuses(503, "blob-missing");
    }

    private static async Task<IResult> DockerfileAsync(long id, HttpContext context, RegistryDatabase database, IBlobStore blobs, CancellationToken cancellation)
    {
        var (build, refusal) = await FindAsync(id, context, database, cancellation);
        return build is null ? refusal!.ToResult() : Served.Text(Encoding.UTF8.GetString(await blobs.ReadAllAsync(build.DockerfileBlob!, cancellation)));
    }

    private static async Task<IResult> ContextAsync(long id, HttpContext context, RegistryDatabase database, BuildArchive archive, CancellationToken cancellation)
    {
        var (build, refusal) = await FindAsync(id, context, database, cancellation);
        if (build is null)
            return refusal!.ToResult();
        context.Response.Headers.CacheControl = Served.IsForOne(context) ? "private, no-cache" : Served.Moving;
        return Results.File(await archive.OpenAsync(build, cancellation), "application/gzip", $"build-{id}-context.tar.gz");
    }

    /// <summary>The build, when the caller sees it and it has a Dockerfile.</summary>
    private static async Task<(Build? Build, Refusal? Refusal)> FindAsync(long id, HttpContext context, RegistryDatabase database, CancellationToken cancellation)
    {
        var build = await database.ReadAsync(
            db => db.Builds.Include(row => row.Version!.Component!.Namespace).SingleOrDefaultAsync(row => row.Id == id, cancellation), cancellation);
        if (build is null || !CatalogView.Of(context).Sees(BuildQueue.SubjectOf(build)))
            return (null, BuildEndpoints.NoSuchBuild(id));
        var subject = $"{BuildQueue.SubjectOf(build)} {build.Version!.Number}";
        if (build.Version.State == VersionState.Purged)
            return (null, new Refusal(410, "version-purged", "The version was removed.", $"What {subject} was built from went with it: {build.Version.PurgeReason}"));
        return build.DockerfileBlob is not null ? (build, null)
            : (null, new Refusal(404, "build-not-begun", "The build has no Dockerfile yet.", $"Build {id} of {subject} is {build.State}; its Dockerfile is there once a builder has begun with it."));
    }
}

/// <summary>Packs contexts anew for those who ask. Few at a time, since the files of one are in memory while it is packed; what is sent lies in a file.</summary>
public sealed class BuildArchive(IBlobStore blobs) : IDisposable
{
    private const int AtOnce = 2;
    private readonly SemaphoreSlim _turns = new(AtOnce, AtOnce);

    /// <summary>The archive, in a file that is gone when the stream is closed.</summary>
    public async Task<Stream> OpenAsync(Build build, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation);
        try
        {
            var dockerfile = Encoding.UTF8.GetString(await blobs.ReadAllAsync(build.DockerfileBlob!, cancellation));
            var files = await Bundle.UnpackAsync(new MemoryStream(await blobs.ReadAllAsync(build.Version!.BundleBlob, cancellation), writable: false), cancellation);
            var packed = new FileStream(blobs.TemporaryPath("context-" + Guid.CreateVersion7().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite,
                FileShare.Delete, 64 * 1024, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
            try
            {
                await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                    await Bundle.WriteTarAsync(gzip, BuildContext.FilesOf(DefinitionJson.Read(build.Version.Definition), files, dockerfile), cancellation);
                packed.Position = 0;
                return packed;
            }
            catch
            {
                await packed.DisposeAsync();
                throw;
            }
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
