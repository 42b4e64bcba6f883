using System.Text.Json;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images.Proxies;

/// <content>Layers and what refers to an image.</content>
public sealed partial class ImageProxy
{
    private async Task<IResult?> BringBlobAsync(HttpContext context, ImageRoute route, ImageName name)
    {
        if (await _here.Store.FindBlobAsync(route.Repository, route.Reference, context.RequestAborted) is not null && await _here.Blobs.FindAsync(route.Reference, context.RequestAborted) is not null)
        {
            await _here.Images.UsedBlobAsync(route.Repository, route.Reference);
            return null;
        }
        var unknown = OciError.BlobUnknown(route.Repository, route.Reference);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            using var head = await _elsewhere.OpenAsync(HttpMethod.Head, name, $"blobs/{route.Reference}", context.RequestAborted);
            return head.Answer is { } known ? new BlobHead(route.Reference, known.Content.Headers.ContentLength) : ErrorOf(head.Refusal!, unknown);
        }
        var (fetch, refusal) = await _here.Fetches.JoinAsync(route.Repository, route.Reference,
            () => _elsewhere.OpenAsync(HttpMethod.Get, name, $"blobs/{route.Reference}", CancellationToken.None), Options, context.RequestAborted);
        if (fetch is null)
            return refusal is null ? null : ErrorOf(refusal, unknown);
        return fetch.Size is not null && context.Request.Headers.Range.Count == 0 ? new FetchAnswer(fetch, _images.IdleTimeout) : await WholeAsync(fetch, context);
    }

    /// <summary>A part of a blob, or one of unknown length, is answered by the store once all of it is there.</summary>
    private async Task<IResult?> WholeAsync(BlobFetch fetch, HttpContext context)
    {
        try
        {
            await fetch.Verified.WaitAsync(context.RequestAborted);
            if (await fetch.Kept.WaitAsync(context.RequestAborted))
                return null;
            context.Request.Headers.Range = default;
            return fetch.TryJoin() ? new FetchAnswer(fetch, _images.IdleTimeout) : Bad($"Blob {fetch.Digest} came from {Options.Upstream} and could not be stored.");
        }
        catch (Exception fault) when (fetch.Verified.IsFaulted)
        {
            return ErrorOf(fetch, fault);
        }
        finally
        {
            fetch.Leave();
        }
    }

    /// <summary>What is signed elsewhere is known there: their list as it is, or the index that clients put under a tag where a registry makes no lists; what of it is here when nobody answers.</summary>
    private async Task<IResult?> ReferrersAsync(HttpContext context, ImageRoute route, ImageName name)
    {
        var type = context.Request.Query["artifactType"].ToString();
        var filter = type.Length == 0 ? "" : $"?artifactType={Uri.EscapeDataString(type)}";
        using var content = await _elsewhere.OpenAsync(HttpMethod.Get, name, $"referrers/{route.Reference}{filter}", context.RequestAborted);
        if (content.Answer is { } answer && answer.Content.Headers.ContentType?.MediaType == MediaTypes.OciIndex
            && await OutsideBody.ReadAllAsync(answer, _images.MaxManifestBytes, _images.IdleTimeout) is { } bytes && IsIndex(bytes))
        {
            if (answer.Headers.TryGetValues("OCI-Filters-Applied", out var applied))
                context.Response.Headers["OCI-Filters-Applied"] = applied.ToArray();
            return Results.Bytes(bytes, MediaTypes.OciIndex);
        }
        if (content.Refusal is not { Outcome: OutsideImageOutcome.NotFound })
            return null;
        var tag = route.Reference.Replace(':', '-');
        if (tag.Length > 128 || await BringManifestAsync(route.Repository, tag, context.RequestAborted) is not null
            || await _here.Store.FindManifestAsync(route.Repository, tag, context.RequestAborted) is not { MediaType: MediaTypes.OciIndex } index)
            return null;
        return Results.Bytes(await _here.Blobs.ReadAllAsync(index.Digest, context.RequestAborted), MediaTypes.OciIndex);
    }

    private static bool IsIndex(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("manifests", out var manifests) && manifests.ValueKind == JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>What HEAD says of a blob that lies elsewhere.</summary>
internal sealed class BlobHead(string digest, long? size) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers["Docker-Content-Digest"] = digest;
        httpContext.Response.Headers.AcceptRanges = "bytes";
        httpContext.Response.ContentType = "application/octet-stream";
        httpContext.Response.ContentLength = size;
        return Task.CompletedTask;
    }
}
