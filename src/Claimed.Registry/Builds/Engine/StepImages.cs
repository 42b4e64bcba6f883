using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Claimed.Registry.Builds.Engine;

/// <summary>The images of single steps, which engines keep below the image of a build. Only those with our mark and without any name are ever removed.</summary>
internal sealed class StepImages(DockerClient engine, StepMark mark)
{
    private const int MostTries = 10;

    /// <summary>Removes an image by its name, and its steps as far as nothing else is made of them.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellation)
    {
        var steps = await ListAsync(cancellation);
        var all = steps.Concat(await WholeAsync(cancellation)).ToList();
        var last = all.Find(image => NamesOf(image).Contains(name, StringComparer.Ordinal));
        // An engine would itself remove every ancestor without a name, whoever made it.
        await engine.Images.DeleteImageAsync(name, new ImageDeleteParameters { NoPrune = true }, cancellation);
        all.RemoveAll(image => image.ID == last?.ID);
        while (steps.FirstOrDefault(image => IsSame(image.ID, last?.ParentID)) is { } step && IsNameless(step) && !IsParent(step, all) && await TryRemoveAsync(step.ID, cancellation))
        {
            all.RemoveAll(image => image.ID == step.ID);
            last = step;
        }
    }

    /// <summary>Removes the steps that are old and that nothing is made of.</summary>
    /// <param name="images">What <see cref="ListAsync"/> gave.</param>
    /// <param name="whole">What <see cref="WholeAsync"/> gives by now.</param>
    public async Task RemoveOldAsync(IEnumerable<ImagesListResponse> images, IEnumerable<ImagesListResponse> whole, Func<ImagesListResponse, bool> isOld, CancellationToken cancellation)
    {
        var left = images.Where(image => IsNameless(image) && isOld(image)).ToList();
        var staying = images.Except(left).Concat(whole).ToList();
        // From the last steps to the first.
        for (var removed = -1; removed != 0;)
        {
            removed = 0;
            foreach (var step in left.Where(image => !IsParent(image, left) && !IsParent(image, staying)).ToList())
            {
                left.Remove(step);
                if (await TryRemoveAsync(step.ID, cancellation))
                    removed++;
                else
                    staying.Add(step);
            }
        }
    }

    /// <summary>The images that builds made, and what people made of those.</summary>
    public Task<IList<ImagesListResponse>> WholeAsync(CancellationToken cancellation) => WithLabelAsync(engine, $"{StepMark.Label}={mark.Whole}", cancellation);

    /// <summary>All images with the mark: those of steps, and sets of dependencies.</summary>
    public Task<IList<ImagesListResponse>> ListAsync(CancellationToken cancellation) => WithLabelAsync(engine, $"{StepMark.Label}={mark.Value}", cancellation);

    /// <summary>All images with a label. Podman fails while one of them is being removed.</summary>
    private static async Task<IList<ImagesListResponse>> WithLabelAsync(DockerClient engine, string label, CancellationToken cancellation)
    {
        var wish = new ImagesListParameters { All = true, Filters = new Dictionary<string, IDictionary<string, bool>> { ["label"] = new Dictionary<string, bool> { [label] = true } } };
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await engine.Images.ListImagesAsync(wish, cancellation);
            }
            catch (DockerApiException moving) when (tries < MostTries && moving.StatusCode == HttpStatusCode.InternalServerError && EngineFaults.IsLostLayer(moving.Message))
            {
                // One that is gone by now.
            }
        }
    }

    /// <summary>Removes one image, by its id or by one name; false when it is in use or gone.</summary>
    public async Task<bool> TryRemoveAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await engine.Images.DeleteImageAsync(name, new ImageDeleteParameters { NoPrune = true }, cancellation);
            return true;
        }
        catch (DockerApiException inUse) when (inUse.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound or HttpStatusCode.InternalServerError)
        {
            return false;
        }
    }

    /// <summary>Whether one of the others is made of it. Docker removes none that is; Podman does, and knows its cache no more.</summary>
    public static bool IsParent(ImagesListResponse image, IEnumerable<ImagesListResponse> others) => others.Any(other => IsSame(image.ID, other.ParentID));

    public static IEnumerable<string> NamesOf(ImagesListResponse image) => image.RepoTags?.Where(tag => tag != "<none>:<none>") ?? [];

    /// <summary>One that was pulled by its digest has that for a name.</summary>
    public static bool IsNameless(ImagesListResponse image) => !NamesOf(image).Any() && !(image.RepoDigests?.Any(digest => !digest.StartsWith("<none>", StringComparison.Ordinal)) ?? false);

    /// <summary>Podman leaves out the algorithm here and there.</summary>
    public static bool IsSame(string? one, string? other) =>
        !string.IsNullOrEmpty(one) && !string.IsNullOrEmpty(other) && Plain(one) == Plain(other);

    /// <summary>An id without its algorithm.</summary>
    public static string Plain(string id) => id[(id.IndexOf(':') + 1)..];
}
