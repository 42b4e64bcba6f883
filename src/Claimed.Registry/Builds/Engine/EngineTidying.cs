using System.Globalization;
using System.Net;
using System.Text.Json;
using Claimed.Registry.Images;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Claimed.Registry.Builds.Engine;

/// <summary>One round of housekeeping at the engine. Everything that it removes has the mark of this registry; names that people gave are never taken away.</summary>
/// <param name="seen">By earlier rounds at this engine.</param>
/// <param name="ask">What builds are doing. Asked after the engine's lists were read, so that nothing of a build that has begun meanwhile is in them.</param>
internal sealed class EngineTidying(EngineConnection engine, StepMark mark, Sightings seen, Func<CancellationToken, Task<BuildsUnderWay>> ask)
{
    private readonly StepImages _images = new(engine.Docker, mark);

    public async Task RunAsync(bool isPodman, long cacheBytes, CancellationToken cancellation)
    {
        var pods = isPodman ? await PodmanPod.ListAsync(engine, mark, cancellation) : [];
        var work = isPodman ? await PodmanWork.ListAsync(engine, cancellation) : [];
        var containers = isPodman ? [] : await ContainersAsync(cancellation);
        var images = await _images.ListAsync(cancellation);
        var whole = await _images.WholeAsync(cancellation);
        var builds = await ask(cancellation);
        seen.Note([.. pods, .. work.Select(left => left.Id), .. containers.Select(container => container.ID), .. images.Concat(whole).Select(image => image.ID)], builds.Attempts);

        foreach (var pod in pods.Where(seen.IsOld))
            await PodmanPod.RemoveAsync(engine, pod);
        foreach (var left in work.Where(left => seen.IsOld(left.Id) && images.Any(image => StepImages.IsNameless(image) && StepImages.IsSame(image.ID, left.Image))))
            await PodmanWork.RemoveAsync(engine, left.Id, cancellation);
        foreach (var container in containers.Where(container => seen.IsOld(container.ID) && IsOfStep(container, images)))
            await RemoveAsync(container, cancellation);
        foreach (var name in whole.SelectMany(image => LeftNames(image, builds)))
            await _images.TryRemoveAsync(name, cancellation);
        foreach (var image in whole.Where(image => seen.IsOld(image.ID) && IsUnnamed(image, images)))
            await _images.TryRemoveAsync(image.ID, cancellation);
        await _images.RemoveOldAsync(images, await _images.WholeAsync(cancellation), image => seen.IsOld(image.ID), cancellation);
        if (cacheBytes > 0)
            await CacheAsync(images, cacheBytes, cancellation);
    }

    private Task<IList<ContainerListResponse>> ContainersAsync(CancellationToken cancellation) => engine.Docker.Containers.ListContainersAsync(new ContainersListParameters
    {
        All = true,
        Filters = new Dictionary<string, IDictionary<string, bool>> { ["label"] = new Dictionary<string, bool> { [$"{StepMark.Label}={mark.Value}"] = true } },
    }, cancellation);

    /// <summary>A container that a person runs of an image that was built here has another label; this is for those of earlier times, and for steps that have a name.</summary>
    private static bool IsOfStep(ContainerListResponse container, IEnumerable<ImagesListResponse> images) =>
        images.Any(image => StepImages.IsNameless(image) && StepImages.IsSame(image.ID, container.ImageID))
        || container.Command?.StartsWith("/bin/sh -c '#(nop)", StringComparison.Ordinal) == true;

    private async Task RemoveAsync(ContainerListResponse container, CancellationToken cancellation)
    {
        try
        {
            await engine.Docker.Containers.RemoveContainerAsync(container.ID, new ContainerRemoveParameters { Force = true }, cancellation);
        }
        catch (DockerApiException gone) when (gone.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // The engine was removing it itself.
        }
    }

    /// <summary>A whole image whose builder was killed before it had its name. What people make of one stands on it and not on its steps; what they pull stands on nothing.</summary>
    private static bool IsUnnamed(ImagesListResponse whole, IEnumerable<ImagesListResponse> steps) =>
        StepImages.IsNameless(whole) && steps.Any(step => StepImages.IsSame(step.ID, whole.ParentID));

    /// <summary>Names of a whole image that no builder removed after its build.</summary>
    private static IEnumerable<string> LeftNames(ImagesListResponse image, BuildsUnderWay builds)
    {
        if (image.Labels?.TryGetValue(StepMark.BuildLabel, out var build) != true || !long.TryParse(build, CultureInfo.InvariantCulture, out var id))
            return [];
        // Only names that builds alone give: what people made of the image has its labels, too. The one that it has beside it in the same repository is that of its push.
        var left = StepImages.NamesOf(image).Where(name => ImageRights.BuildOf(PushTarget.TagOf(name)) is { } attempt && attempt.Build == id && !builds.Attempts.Contains(attempt)).ToList();
        return [.. StepImages.NamesOf(image).Where(name => left.Exists(known => known != name && RepositoryOf(known) == RepositoryOf(name))).Except(left, StringComparer.Ordinal), .. left];
    }

    private static string RepositoryOf(string name) => name[..name.LastIndexOf(':')];

    /// <summary>The oldest sets of dependencies, as far as all of them take more than they may.</summary>
    private async Task CacheAsync(IEnumerable<ImagesListResponse> images, long most, CancellationToken cancellation)
    {
        var sets = images.Where(image => image.Labels?.ContainsKey(DependencyImages.Label) == true).OrderByDescending(image => image.Created).ToList();
        if (sets.Count == 0)
            return;
        var sizes = await OwnSizesAsync(cancellation);
        long taken = 0;
        foreach (var set in sets)
        {
            taken += sizes.GetValueOrDefault(StepImages.Plain(set.ID), set.Size);
            if (taken <= most)
                continue;
            foreach (var name in StepImages.NamesOf(set))
                await RemoveSetAsync(name, cancellation);
        }
    }

    private async Task RemoveSetAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await _images.RemoveAsync(name, cancellation);
        }
        catch (DockerApiException inUse) when (inUse.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // A container uses it, or another builder was faster; the next round looks again.
        }
    }

    /// <summary>What each image has for itself, by its id.</summary>
    private async Task<Dictionary<string, long>> OwnSizesAsync(CancellationToken cancellation)
    {
        var use = await engine.AskAsync(HttpMethod.Get, "system/df", null, cancellation);
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!use.TryGetProperty("Images", out var images) || images.ValueKind != JsonValueKind.Array)
            return sizes;
        foreach (var image in images.EnumerateArray())
        {
            var (size, shared) = (image.GetProperty("Size").GetInt64(), image.TryGetProperty("SharedSize", out var known) ? known.GetInt64() : 0);
            sizes[StepImages.Plain((image.TryGetProperty("Id", out var id) ? id : image.GetProperty("ID")).GetString()!)] = size - Math.Max(0, shared);
        }
        return sizes;
    }
}
