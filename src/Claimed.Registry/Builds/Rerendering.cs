using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds.Bases;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>What a rerendering did.</summary>
/// <param name="Versions">Ready versions that were looked at.</param>
/// <param name="Revisions">Forms that got a new revision, or exist for the first time.</param>
/// <param name="Restored">Forms whose bytes had been lost and are there again.</param>
/// <param name="Unrestored">Lost forms that cannot be made from what is stored, such as <c>acme/filter 1.0.0 Dockerfile</c>.</param>
public sealed record Rerendered(int Versions, int Revisions, int Restored, IReadOnlyList<string> Unrestored);

/// <summary>Renders the forms of ready versions anew. Bytes that differ become a new revision; the old ones stay served by their digest.</summary>
public sealed class Rerendering(
    RegistryDatabase database, IBlobStore blobs, ReadyVersions ready, ImageStore store, PublicHost host, RegistryUrls urls, IOptions<ImageOptions> images, IOptions<BuildOptions> builds)
{
    private const int Batch = 100;

    /// <param name="form">One form alone; null means all.</param>
    /// <param name="withHost">Own images are named by the configured public host; else every image stays as it is recorded.</param>
    public async Task<Rerendered> RunAsync(string? form, bool withHost, CancellationToken cancellation)
    {
        var (versions, revisions, restored, unrestored) = (0, 0, 0, new List<string>());
        for (var last = 0L; await NextAsync(last, cancellation) is { Count: > 0 } rows; last = rows[^1].Id)
        {
            foreach (var row in rows)
            {
                versions++;
                restored += await RestoreAsync(row, form, unrestored, cancellation);
                revisions += await RenderAsync(row, form, withHost, cancellation);
            }
        }
        return new Rerendered(versions, revisions, restored, unrestored);
    }

    /// <summary>Brings back the lost and damaged forms of a ready version as they were; what cannot be made to the very same bytes stays lost.</summary>
    public async Task RestoreAsync(long versionId, CancellationToken cancellation)
    {
        var row = await database.ReadAsync(db => db.Versions.Include(row => row.Component!.Namespace).Include(row => row.Renditions).Include(row => row.Builds).ThenInclude(build => build.Bases).AsSplitQuery()
            .SingleOrDefaultAsync(row => row.Id == versionId && row.State == VersionState.Ready, cancellation), cancellation);
        foreach (var lost in row?.Renditions ?? [])
        {
            if (await blobs.CheckAsync(lost.Digest, _ => Task.CompletedTask, cancellation) is null)
                continue;
            var bytes = ReadyVersions.IsRendered(lost.Form)
                ? ReadyVersions.Render(lost.Form, SourceOf(row!, row!.Image!), await UploadAsync(row, cancellation))
                : await OriginalAsync(row!, lost.Form, lost.Digest, cancellation);
            if (bytes is { } made && Digest.Of(made.Span) == lost.Digest)
                await blobs.PutAsync(lost.Digest, made, cancellation);
        }
    }

    private Task<List<ComponentVersion>> NextAsync(long after, CancellationToken cancellation) => database.ReadAsync(db => db.Versions
        .Include(row => row.Component!.Namespace).Include(row => row.Renditions).Include(row => row.Builds).ThenInclude(build => build.Bases).AsSplitQuery()
        .Where(row => row.Id > after && row.State == VersionState.Ready).OrderBy(row => row.Id).Take(Batch).ToListAsync(cancellation), cancellation);

    private async Task<int> RenderAsync(ComponentVersion row, string? form, bool withHost, CancellationToken cancellation)
    {
        // A pipeline is served as it came.
        if (row.Image is null)
            return 0;
        var image = withHost ? await WithHostAsync(row, cancellation) : row.Image!;
        // Storing mends bytes that were lost, also where nothing has changed.
        var made = await ready.RenderAsync(SourceOf(row, image), form, await UploadAsync(row, cancellation), cancellation);
        var changed = made.Where(entry => Newest(row.Renditions, entry.Form)?.Digest != entry.Digest).ToList();
        if (changed.Count == 0 && image == row.Image)
            return 0;
        // Of two at once one finds the row of the other, since a change that met another runs again.
        return await database.ChangeAsync(change => AddAsync(change, row, Subject(row), image, changed), cancellation);
    }

    private static async Task<int> AddAsync(Change change, ComponentVersion row, string subject, string image, List<PreparedForm> changed)
    {
        var renditions = await change.Db.Renditions.Where(rendition => rendition.VersionId == row.Id).ToListAsync(change.Cancellation);
        var mine = await change.Db.Versions.Where(version => version.Id == row.Id && version.State == VersionState.Ready && version.Image == row.Image)
            .ExecuteUpdateAsync(set => set.SetProperty(version => version.Image, image), change.Cancellation);
        // What another one has rendered since we looked stands.
        var added = changed.Where(entry => Newest(renditions, entry.Form)?.Digest == Newest(row.Renditions, entry.Form)?.Digest).ToList();
        if (mine != 1 || (added.Count == 0 && image == row.Image))
        {
            change.Abandon();
            return 0;
        }
        foreach (var entry in added)
        {
            change.Names(entry.Digest);
            change.Db.Renditions.Add(new Rendition
            {
                VersionId = row.Id,
                Form = entry.Form,
                Revision = (Newest(renditions, entry.Form)?.Revision ?? 0) + 1,
                Digest = entry.Digest,
                Size = entry.Size,
                CreatedAt = change.Now,
            });
        }
        change.Tell("version.rerendered", subject, new { version = row.Number, forms = added.Select(entry => entry.Form), image });
        return added.Count;
    }

    /// <summary>Forms that are no renderer's, from the published files: only the very same bytes come back.</summary>
    private async Task<int> RestoreAsync(ComponentVersion row, string? form, List<string> unrestored, CancellationToken cancellation)
    {
        var restored = 0;
        foreach (var lost in row.Renditions.Where(entry => form is null || entry.Form == form))
        {
            if (await blobs.FindAsync(lost.Digest, cancellation) is not null)
                continue;
            if (ReadyVersions.IsRendered(lost.Form) && Newest(row.Renditions, lost.Form) == lost)
                continue;
            if (await OriginalAsync(row, lost.Form, lost.Digest, cancellation) is { } bytes && Digest.Of(bytes.Span) == lost.Digest)
            {
                await blobs.PutAsync(lost.Digest, bytes, cancellation);
                restored++;
            }
            else
            {
                unrestored.Add($"{Subject(row)} {row.Number} {lost.Form}");
            }
        }
        return restored;
    }

    /// <summary>The component.yaml that was published, where one was.</summary>
    private async Task<ReadOnlyMemory<byte>?> UploadAsync(ComponentVersion row, CancellationToken cancellation)
    {
        if (Newest(row.Renditions, RenditionForm.Original) is not { } original)
            return null;
        try
        {
            return await blobs.ReadAllAsync(original.Digest, cancellation);
        }
        catch (BlobLostException)
        {
            return await OriginalAsync(row, RenditionForm.Original, null, cancellation);
        }
    }

    /// <param name="digest">Of several texts that it may have been, the one that is wanted.</param>
    private async Task<ReadOnlyMemory<byte>?> OriginalAsync(ComponentVersion row, string form, string? digest, CancellationToken cancellation)
    {
        if (ReadyVersions.IsRendered(form) || await blobs.FindAsync(row.BundleBlob, cancellation) is null)
            return null;
        try
        {
            var definition = DefinitionJson.Read(row.Definition);
            var files = await Bundle.UnpackAsync(new MemoryStream(await blobs.ReadAllAsync(row.BundleBlob, cancellation), writable: false), cancellation);
            if (form != RenditionForm.Dockerfile)
                return ReadyVersions.FilesOf(definition, files).TryGetValue(form, out var kept) ? kept : null;
            var shaping = Json.Read<Dictionary<string, string>>(row.Options);
            var context = BuildContext.For(definition, files, shaping.GetValueOrDefault("baseImage"), builds.Value, BuildSubject.LabelsOf(row, definition));
            // Those of earlier times name no digests and have no lines for people.
            return row.Builds.Select(build => BuiltDockerfile.Text(build.Id, Subject(row), row.Number, BasePinning.Shown(context.Dockerfile, build.Bases), urls)).Prepend(context.Dockerfile)
                .Select(text => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(text)).FirstOrDefault(bytes => Digest.Of(bytes.Span) == digest);
        }
        catch (Exception unfit) when (unfit is BlobLostException or BuildFailedException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The image under the configured host when we built it, or it was named by the address that we had.</summary>
    private async Task<string> WithHostAsync(ComponentVersion row, CancellationToken cancellation)
    {
        if (!ImageName.TryParse(row.Image!, out var image) || image.Digest is not { } digest)
            return row.Image!;
        // One that was built into a registry of the site lies there for ever, whatever this one is called.
        if (await store.FindManifestAsync(image.Repository, digest, cancellation) is null)
            return row.Image!;
        var isOwn = row.Builds.Exists(build => build.ImageDigest == digest)
            || (await host.RecordedAsync(cancellation, row.Id) is { } recorded && new Uri(recorded).Authority == image.Host);
        return isOwn ? (image with { Host = images.Value.PublicHost }).Pinned(digest) : row.Image!;
    }

    private RenditionSource SourceOf(ComponentVersion row, string image) => ready.SourceOf(
        row.Component!.Namespace!.Name, row.Component.Name, row.Number, DefinitionJson.Read(row.Definition), image, row.BundleDigest);

    private static string Subject(ComponentVersion row) => $"{row.Component!.Namespace!.Name}/{row.Component.Name}";

    private static Rendition? Newest(IEnumerable<Rendition> renditions, string form) => renditions.Where(row => row.Form == form).MaxBy(row => row.Revision);
}
