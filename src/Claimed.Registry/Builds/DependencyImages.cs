using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Storage;

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
    public static async Task TrimAsync(StepImages steps, int kept, DateTimeOffset oldest, CancellationToken cancellation)
    {
        // Another registry on this engine sees to its own.
        var all = await steps.ListAsync(cancellation);
        // Podman puts the label on every step: those that a set stands on are no sets.
        var images = all.Where(image => image.Labels?.ContainsKey(Label) == true && (StepImages.NamesOf(image).Any() || !StepImages.IsParent(image, all))).ToList();
        var staying = images.Where(image => StepImages.NamesOf(image).Any() && image.Created >= oldest.UtcDateTime).OrderByDescending(image => image.Created).Take(kept);
        foreach (var image in images.Except(staying.ToList()))
        {
            // Its steps are left to housekeeping. One that is in use, or that another builder on this engine removed first, is no reason for this build to fail.
            foreach (var name in StepImages.NamesOf(image).DefaultIfEmpty(image.ID))
                await steps.TryRemoveAsync(name, cancellation);
        }
    }
}
