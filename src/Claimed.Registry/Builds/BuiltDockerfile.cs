using System.Text;
using Claimed.Components.Renditions;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary>What an attempt builds, kept before it begins: of one that fails it is worth most. The first lines say how to do the same by hand.</summary>
public sealed class BuiltDockerfile(RegistryDatabase database, IBlobStore blobs, RegistryUrls urls)
{
    /// <returns>The text as it is kept.</returns>
    public async Task<string> StoreAsync(BuildLease lease, BuildSubject subject, string dockerfile, CancellationToken cancellation)
    {
        var text = Text(lease.BuildId, subject.Repository, subject.Version.Number, dockerfile, urls);
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = Digest.Of(bytes);
        await blobs.PutAsync(digest, bytes, cancellation);
        await database.ChangeAsync(change =>
        {
            change.Names(digest);
            return change.Db.Builds.Where(build => build.Id == lease.BuildId && build.Fence == lease.Fence)
                .ExecuteUpdateAsync(set => set.SetProperty(build => build.DockerfileBlob, digest), change.Cancellation);
        }, cancellation);
        return text;
    }

    /// <summary>The Dockerfile of a build with its first lines.</summary>
    internal static string Text(long buildId, string repository, string version, string dockerfile, RegistryUrls urls) => DockerfileHead.Put(dockerfile,
        $"{repository} {version}, as build {buildId} makes it. By hand:",
        $"  curl -fsSL {urls.Build(buildId)}/context | docker build -t {repository}:{version} -");
}
