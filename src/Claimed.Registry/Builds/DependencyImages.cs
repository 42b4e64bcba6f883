using System.Net;
using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Storage;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Claimed.Registry.Builds;

/// <summary>
/// Images of dependencies alone, one for each set. An engine removes the layers of an image with it, so without these every build would install
/// everything again; keeping the built images themselves would leave sources at the engine that a purge does not reach.
/// </summary>
internal static class DependencyImages
{
    /// <summary>On each of these images, so that nothing else is removed.</summary>
    public const string Label = "claimed.registry.dependencies";

    /// <summary>The name of a set: equal steps on an equal platform are one image, whichever component has them.</summary>
    public static string NameOf(string dockerfile, string? platform) =>
        $"claimed-registry/dependencies:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{platform}\n{dockerfile}")))}";

    /// <summary>The steps need no other file.</summary>
    public static async Task<Stream> ContextAsync(string dockerfile, CancellationToken cancellation)
    {
        var stream = new MemoryStream();
        await Bundle.WriteTarAsync(stream, [BuildContext.DockerfileOf(dockerfile)], cancellation);
        stream.Position = 0;
        return stream;
    }

    /// <summary>Removes what was made before <paramref name="oldest"/>, all but the newest of the rest, and those that lost their name because their base image has moved.</summary>
    public static async Task TrimAsync(DockerClient engine, StepMark mark, int kept, DateTimeOffset oldest, CancellationToken cancellation)
    {
        // Another registry on this engine sees to its own.
        var images = (await StepImages.WithLabelAsync(engine, Label, cancellation)).Where(image => image.Labels?.TryGetValue(StepMark.Label, out var value) == true && value == mark.Value).ToList();
        var staying = images.Where(image => Names(image).Any() && image.Created >= oldest.UtcDateTime).OrderByDescending(image => image.Created).Take(kept);
        foreach (var image in images.Except(staying.ToList()))
        {
            foreach (var name in Names(image).DefaultIfEmpty(image.ID))
                await RemoveAsync(engine, name, cancellation);
        }
    }

    private static IEnumerable<string> Names(ImagesListResponse image) => image.RepoTags?.Where(tag => tag != "<none>:<none>") ?? [];

    private static async Task RemoveAsync(DockerClient engine, string name, CancellationToken cancellation)
    {
        try
        {
            // Its steps are left to housekeeping.
            await engine.Images.DeleteImageAsync(name, new ImageDeleteParameters { NoPrune = true }, cancellation);
        }
        catch (DockerApiException other) when (other.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.InternalServerError)
        {
            // Another builder on this engine was faster, or works with it: no reason for this build to fail, and the next one looks again.
        }
    }
}
