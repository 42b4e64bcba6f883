using Claimed.Database;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>What builds leave behind when they do not end in order: their tags, pieces of their logs, files of their contexts.</summary>
public sealed class BuildLeftovers(RegistryDatabase database, ImageStore images, IOptions<RegistryOptions> registry)
{
    public async Task<IReadOnlyList<Collected>> CollectAsync(DateTimeOffset idleSince, bool countOnly, CancellationToken cancellation) =>
    [
        await CollectTagsAsync(idleSince, countOnly, cancellation),
        await CollectLogPartsAsync(countOnly, cancellation),
        CollectContexts(idleSince, countOnly),
    ];

    /// <summary>A tag goes when its build has ended or a later builder has it; a tag of this form that is no build's stays.</summary>
    private async Task<Collected> CollectTagsAsync(DateTimeOffset idleSince, bool countOnly, CancellationToken cancellation)
    {
        var before = idleSince.ToUnixTimeMilliseconds();
        var tags = await database.ReadAsync(db => db.Tags.Where(tag => tag.Name.StartsWith(ImageRights.BuildTags) && tag.UpdatedAt < before)
            .Join(db.Repositories, tag => tag.RepositoryId, owner => owner.Id, (tag, owner) => new { tag.Name, Repository = owner.Name })
            .ToListAsync(cancellation), cancellation);
        var count = 0;
        foreach (var tag in tags)
        {
            if (ImageRights.BuildOf(tag.Name) is not var (id, fence))
                continue;
            var build = await database.ReadAsync(db => db.Builds
                .Where(row => row.Id == id && row.Version!.Component!.Namespace!.Name + "/" + row.Version.Component.Name == tag.Repository)
                .Select(row => new { row.State, row.Fence, Version = row.Version!.State }).SingleOrDefaultAsync(cancellation), cancellation);
            if (build is null || (!BuildState.HasEnded(build.State) && build.Fence <= fence)
                // The image for one platform waits for those of others.
                || (build is { State: BuildState.Succeeded, Version: VersionState.Queued or VersionState.Building }))
                continue;
            if (countOnly || await database.ChangeAsync(change => images.RemoveTagAsync(change, tag.Repository, tag.Name), cancellation))
                count++;
        }
        return new Collected("tags of builds that have ended", count);
    }

    private async Task<Collected> CollectLogPartsAsync(bool countOnly, CancellationToken cancellation)
    {
        var count = countOnly
            ? await database.ReadAsync(db => Parts(db).CountAsync(cancellation), cancellation)
            : await database.ChangeAsync(change => Parts(change.Db).ExecuteDeleteAsync(cancellation), cancellation);
        return new Collected("log parts of builds whose log is a blob", count);

        static IQueryable<BuildLogPart> Parts(RegistryContext db) => db.BuildLogParts.Where(part => db.Builds.Any(build => build.Id == part.BuildId
            && build.LogBlob != null && (build.State == BuildState.Succeeded || build.State == BuildState.Failed || build.State == BuildState.Cancelled)));
    }

    /// <summary>A killed process leaves its contexts. One that is still being read stays readable when its name goes.</summary>
    private Collected CollectContexts(DateTimeOffset idleSince, bool countOnly)
    {
        var folder = new DirectoryInfo(BuildContext.FolderOf(registry.Value));
        var files = folder.Exists ? folder.EnumerateFiles().Where(file => file.LastWriteTimeUtc < idleSince.UtcDateTime).ToArray() : [];
        var bytes = files.Sum(file => file.Length);
        if (!countOnly)
            Array.ForEach(files, file => file.Delete());
        return new Collected("files of build contexts", files.Length, bytes);
    }
}
