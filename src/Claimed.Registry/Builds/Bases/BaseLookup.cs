using Claimed.Components.Sources.Dockerfiles;
using Claimed.Registry.Images;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Bases;

/// <summary>What an image that a Dockerfile names is on this engine.</summary>
/// <param name="Name">As the Dockerfile names it.</param>
/// <param name="Digest">Of its manifest; null for an image that no registry has.</param>
/// <param name="ImageId">As the engine names exactly this image.</param>
/// <param name="Platform">What it is for, such as <c>linux/amd64</c>.</param>
public sealed record FoundBase(string Name, string Platform, string? Digest, string ImageId)
{
    /// <summary>As people name exactly this image; its id where no registry has it.</summary>
    public string Pinned => Digest is not null && ImageName.TryParse(Name, out var name) ? name.Pinned(Digest) : ImageId;
}

/// <summary>For whom and for what an image is looked for.</summary>
/// <param name="Space">The namespace that builds.</param>
/// <param name="Platform">What it must be for; null takes what the engine has or fetches by itself.</param>
/// <param name="IsFresh">Fetches a tag anew also where the engine holds it: the version is there for the sake of what that means now.</param>
/// <param name="Time">What the build may take at most, fetching included.</param>
public sealed record BaseWish(string Space, string? Platform, bool IsFresh, TimeSpan Time);

/// <summary>Finds images on an engine, and has it fetch those that it does not hold.</summary>
public sealed class BaseLookup(IImageBuilder engine, BaseSources sources, IOptions<BuildOptions> options)
{
    /// <param name="image">What the Dockerfile names.</param>
    /// <exception cref="BuildFailedException">There is no such image, or not for this platform.</exception>
    /// <exception cref="EngineUnavailableException">Another attempt may find it.</exception>
    public async Task<FoundBase> FindAsync(DockerfileBase image, BaseWish wish, Action<string> log, CancellationToken cancellation)
    {
        if (!ImageName.TryParse(image.Name, out var name))
            throw new BuildFailedException($"Dockerfile, line {image.Line}: {image.Name} is no image reference.");
        var held = await HeldAsync(image.Name, name, cancellation);
        if (held is not null && !await sources.MayUseHeldAsync(name, wish.Space, cancellation))
            held = null;
        var isFit = held is not null && Fits(held.Platform, wish.Platform);
        var isFetched = !isFit || ((wish.IsFresh || options.Value.PullBases == PullBases.Always) && name.Digest is null);
        if (isFetched)
            held = await FetchAsync(image, name, wish, isFit ? held : null, log, cancellation);
        // An engine has one image under a name: a build for another platform fetched the same one in this moment.
        if (isFetched && !Fits(held!.Platform, wish.Platform))
            throw new EngineUnavailableException($"The engine fetched {image.Name} for {wish.Platform} and has it for {held.Platform}.");
        if (!Fits(held!.Platform, wish.Platform))
            throw new BuildFailedException($"Dockerfile, line {image.Line}: the image {image.Name} is for {held.Platform}, not for {wish.Platform}.");
        if (image.Use == BaseUse.From && BaseTriggers.Problem(await engine.TriggersAsync(held.Id, cancellation)) is { } trigger)
            throw new BuildFailedException($"Dockerfile, line {image.Line}: the image {image.Name} brings an instruction along that may not run here: {trigger}");
        var found = new FoundBase(image.Name, held.Platform, DigestOf(held, name), held.Id);
        log($"Base image {image.Name} is {found.Pinned}\n");
        return found;
    }

    /// <param name="held">What the engine has already, and keeps when no registry has the image.</param>
    private async Task<HeldImage> FetchAsync(DockerfileBase image, ImageName name, BaseWish wish, HeldImage? held, Action<string> log, CancellationToken cancellation)
    {
        var source = await sources.FindAsync(name, wish, cancellation);
        log($"Fetching the base image {image.Name}\n");
        try
        {
            await engine.PullAsync(source.Reference, wish.Platform, source.Account, log, cancellation);
            var fetched = await engine.FindAsync(source.Reference, cancellation) ?? throw new EngineUnavailableException($"The engine fetched {image.Name} and does not have it.");
            // The next build finds it, and people read it, under the name that is theirs.
            if (source.Reference != name.ToString() && name.Digest is null)
                await engine.NameAsync(fetched.Id, name.ToString(), cancellation);
            return fetched;
        }
        catch (BaseNotFoundException) when (held is not null)
        {
            return held;
        }
        catch (EngineUnavailableException away) when (held is not null && options.Value.PullBases != PullBases.Always)
        {
            // A rebuild asks for what is newest, and the site does not: what was made on this machine alone is as new as it gets.
            log($"It could not be fetched anew ({away.Message}); the engine's own is used\n");
            return held;
        }
        catch (BaseNotFoundException missing)
        {
            throw new BuildFailedException($"Dockerfile, line {image.Line}: the base image {image.Name} cannot be had: {missing.Message}.");
        }
    }

    /// <summary>The engine's image of this name. Engines also find images by the beginning of their id, which no name must reach.</summary>
    private async Task<HeldImage?> HeldAsync(string written, ImageName name, CancellationToken cancellation)
    {
        var held = await engine.FindAsync(written, cancellation);
        return held is not null && held.Tags.Concat(held.Digests).Any(reference => ImageName.TryParse(reference, out var one) && IsSame(one, name)) ? held : null;
    }

    // What is made on a machine alone has the host localhost on some engines.
    private static bool IsSame(ImageName one, ImageName name) =>
        one.Repository == name.Repository && (one.Host == name.Host || (one.Host == "localhost" && name.Host == ImageName.DockerHub))
        || (one.Host == "localhost" && name.Host == ImageName.DockerHub && $"library/{one.Repository}" == name.Repository);

    /// <summary>The digest under which the image's own registry has it; that of a proxy is the same.</summary>
    private static string? DigestOf(HeldImage held, ImageName name)
    {
        if (name.Digest is not null)
            return name.Digest;
        var digests = held.Digests.Select(reference => ImageName.TryParse(reference, out var one) ? one : null).OfType<ImageName>().ToList();
        return (digests.FirstOrDefault(one => IsSame(one, name)) ?? digests.FirstOrDefault(one => $"/{one.Repository}".EndsWith($"/{name.Repository}", StringComparison.Ordinal)))?.Digest;
    }

    /// <summary>Whether an image for one platform is one for another: a variant that either leaves open fits.</summary>
    private static bool Fits(string held, string? wanted)
    {
        if (wanted is null)
            return true;
        var (have, want) = (held.Split('/'), wanted.Split('/'));
        return have.Zip(want).All(pair => pair.First == pair.Second) && Math.Min(have.Length, want.Length) >= 2;
    }
}
