using Claimed.Database;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Database.Images;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Faults;

/// <summary>
/// Exactly one image for each ready version: the repository of a component holds the images that its versions pin, what is said of those,
/// and nothing of a build that was fenced off, made again or failed.
/// </summary>
internal static class VersionImages
{
    public static async Task<IReadOnlyList<string>> WrongAsync(RegistryContext db)
    {
        var wrong = new List<string>();
        var manifests = (await db.Manifests.ToListAsync()).ToLookup(row => row.RepositoryId);
        var tags = (await db.Tags.ToListAsync()).ToLookup(row => row.RepositoryId);
        var parts = (await db.ImageReferences.ToListAsync()).ToLookup(row => (row.RepositoryId, row.ManifestDigest), row => row.Digest);
        var components = await db.Components.Include(row => row.Namespace).Include(row => row.Versions).ThenInclude(row => row.Builds).AsSplitQuery().ToListAsync();
        foreach (var repository in await db.Repositories.ToListAsync())
        {
            var versions = components.Find(row => $"{row.Namespace!.Name}/{row.Name}" == repository.Name)?.Versions;
            // What builds that are under way have pushed is not decided yet.
            if (versions is null || versions.Exists(row => row.Builds.Exists(build => !BuildState.HasEnded(build.State))))
                continue;
            var pinned = versions.Where(row => row.State == VersionState.Ready && row.Image!.Contains($"/{repository.Name}@", StringComparison.Ordinal))
                .Select(row => row.ImageDigest!).ToHashSet(StringComparer.Ordinal);
            foreach (var index in pinned.ToList())
                pinned.UnionWith(parts[(repository.Id, index)].Where(part => manifests[repository.Id].Any(row => row.Digest == part)));
            var said = tags[repository.Id].Where(tag => pinned.Any(image => IsAbout(tag.Name, image))).Select(tag => tag.ManifestDigest).ToHashSet(StringComparer.Ordinal);
            foreach (var extra in manifests[repository.Id].Where(row => !pinned.Contains(row.Digest) && !said.Contains(row.Digest) && !(row.Subject is { } subject && pinned.Contains(subject))))
                wrong.Add($"{repository.Name} holds {extra.Digest}, which no version has{Names(tags[repository.Id], extra)}");
        }
        return wrong;
    }

    /// <summary>Whether it is a tag where cosign looks for what is said of an image.</summary>
    private static bool IsAbout(string tag, string image) => tag.StartsWith(image.Replace(':', '-') + ".", StringComparison.Ordinal);

    private static string Names(IEnumerable<ImageTag> tags, ImageManifest manifest) =>
        string.Concat(tags.Where(tag => tag.ManifestDigest == manifest.Digest).Select(tag => $", under the tag {tag.Name}"));
}
