using Claimed.Components.Sources.Dockerfiles;
using Claimed.Database.Builds;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Bases;

/// <summary>A context whose Dockerfile names exactly the images that were found for it.</summary>
/// <param name="Context">For the engine: images by id, so that no tag that moves and no other platform under the same digest changes anything.</param>
/// <param name="Shown">The same Dockerfile for people: images by digest where a registry has them.</param>
public sealed record PinnedContext(BuildContext Context, string Shown, IReadOnlyList<FoundBase> Bases);

/// <summary>Finds every image that a build uses before the engine begins, and writes its Dockerfile anew with what was found.</summary>
public sealed class BasePinning(BaseLookup lookup, HeldBases held, IOptions<BuildOptions> options)
{
    /// <param name="wish">What the image of the build is for; a stage may name another platform.</param>
    /// <param name="declared">Build arguments that every stage is to know.</param>
    /// <param name="undeclared">Arguments whose declarations go, so that no history keeps them.</param>
    /// <exception cref="BuildFailedException">An image is not allowed or cannot be had, or the Dockerfile cannot be read in one way.</exception>
    public async Task<PinnedContext> PinAsync(
        BuildContext context, BaseWish wish, IReadOnlyCollection<string> declared, IReadOnlyCollection<string> undeclared, Action<string> log, CancellationToken cancellation)
    {
        var reading = DockerfileReading.Read(context.Dockerfile);
        // What was queued before a rule was made meets it here.
        if (reading.Problems is [var problem, ..])
            throw new BuildFailedException($"Dockerfile, line {problem.Line}: {problem.Message}");
        if (AllowedBases.Of(options.Value, wish.Space).Check(reading).FirstOrDefault() is { } refused)
            throw new BuildFailedException($"Dockerfile, line {refused.Position.Line}: {refused.Message} {refused.Fix}");
        var found = new Dictionary<(string, string?), FoundBase>();
        // One image with two uses is looked up for its FROM, whose triggers count.
        foreach (var image in reading.Bases.Where(image => image.Use != BaseUse.Syntax).OrderBy(image => image.Use))
        {
            var wanted = image.Platform ?? wish.Platform;
            if (found.ContainsKey((image.Name, wanted)))
                continue;
            found[(image.Name, wanted)] = await lookup.FindAsync(image, wish with { Platform = wanted }, log, cancellation);
            held.Add(image.Name);
        }

        string Write(string text, Func<FoundBase, string> reference) => PinnedDockerfile.Write(text, DockerfileReading.Read(text),
            new DockerfilePinning(image => reference(found[(image.Name, image.Platform ?? wish.Platform)]), declared, undeclared));
        var pinned = Write(context.Dockerfile, image => image.ImageId);
        return new PinnedContext(
            context with
            {
                Files = [.. context.Files.Select(file => file.Path == BuildContext.DockerfileName ? BuildContext.DockerfileOf(pinned) : file)],
                Dependencies = context.Dependencies is { } first ? Write(first, image => image.ImageId) : null,
            },
            Write(context.Dockerfile, image => image.Pinned), [.. found.Values]);
    }

    /// <summary>The Dockerfile of a build for people, from what was written down of it.</summary>
    internal static string Shown(string dockerfile, IReadOnlyCollection<BuildBase> bases) => PinnedDockerfile.Write(dockerfile, DockerfileReading.Read(dockerfile),
        new DockerfilePinning(image => bases.FirstOrDefault(found => found.Name == image.Name) is { } found ? new FoundBase(found.Name, "", found.Digest, found.ImageId ?? image.Name).Pinned : image.Name, [], []));
}
