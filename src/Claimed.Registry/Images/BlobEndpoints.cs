using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Pulling and deleting blobs.</summary>
public sealed class BlobEndpoints(ImageStore store, ImageChanges changes, Rights rights, IBlobStore blobs, IOptions<ImageOptions> options)
{
    public async Task<IResult> ReadAsync(HttpContext context, ImageRoute route)
    {
        var digest = route.Reference;
        if (!Digest.IsKnown(digest))
            return OciError.DigestInvalid(digest);
        if (await store.FindBlobAsync(route.Repository, digest, context.RequestAborted) is not { } size)
            return OciError.BlobUnknown(route.Repository, digest);
        // Who may push asks in order to leave the blob out and name it in a manifest a moment later.
        if (HttpMethods.IsHead(context.Request.Method) && rights.MayPush(Caller.Of(context), route.Repository))
            await blobs.TouchAsync(digest, context.RequestAborted);
        // A GET alone: whoever looks by HEAD wants this registry's headers.
        if (HttpMethods.IsGet(context.Request.Method) && !ETags.IsKnown(context.Request, ETags.Of(digest)) && await blobs.LinkAsync(digest, size) is { } link)
            return new BlobLink(digest, link);
        var part = BlobAnswer.PartOf(context.Request, digest, size);
        if (await blobs.OpenAsync(digest, part.First, part.Count, context.RequestAborted) is not { } content)
            return OciError.BlobUnknown(route.Repository, digest);
        return new BlobAnswer(digest, content, Served.IsForOne(context) || !rights.IsPublic(route.Repository), options.Value.IdleTimeout);
    }

    public async Task<IResult> DeleteAsync(HttpContext context, ImageRoute route)
    {
        if (!Digest.IsKnown(route.Reference))
            return OciError.DigestInvalid(route.Reference);
        return await changes.DeleteBlobAsync(route.Repository, route.Reference, context.RequestAborted)
            ? Results.Accepted()
            : OciError.BlobUnknown(route.Repository, route.Reference);
    }
}

/// <summary>Sends a client to where the blob is. Only this caller has the right to the address, and only for a while.</summary>
internal sealed class BlobLink(string digest, string link) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        response.Headers.Location = link;
        response.Headers["Docker-Content-Digest"] = digest;
        response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}

/// <summary>A blob or the part of it that was asked for, written with a limit on standing still.</summary>
/// <param name="isForOne">Whether caches on the way must keep it for no one else.</param>
internal sealed class BlobAnswer(string digest, Stream content, bool isForOne, TimeSpan idle) : IResult
{
    // Several of these are under way within what the server lets a client be behind (MaxResponseBufferSize).
    private const int PieceBytes = 64 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var _ = content;
        var (request, response) = (httpContext.Request, httpContext.Response);
        var tag = ETags.Of(digest);
        response.GetTypedHeaders().ETag = tag;
        response.Headers["Docker-Content-Digest"] = digest;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = isForOne ? Served.ForOne(Served.Immutable) : Served.Immutable;
        if (ETags.IsKnown(request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var size = content.Length;
        var range = ByteRange.Of(request, tag.ToString(), size);
        if (range?.SayIn(response, size) == false)
        {
            response.Headers.CacheControl = "no-store";
            await new OciError(416, "RANGE_INVALID", $"The blob has {size} bytes; no byte of the range is among them.").ExecuteAsync(httpContext);
            return;
        }
        if (range is { } part)
            content.Seek(part.First, SeekOrigin.Begin);
        var count = range?.Count ?? size;
        response.ContentType = "application/octet-stream";
        response.ContentLength = count;
        if (!HttpMethods.IsHead(request.Method))
            await WriteAsync(httpContext, count);
    }

    /// <summary>What the answer will read, so that a store far away is asked for just that.</summary>
    public static ByteRange PartOf(HttpRequest request, string digest, long size)
    {
        var tag = ETags.Of(digest);
        if (!HttpMethods.IsGet(request.Method) || ETags.IsKnown(request, tag))
            return new ByteRange(0, 0);
        return ByteRange.Of(request, tag.ToString(), size) ?? new ByteRange(0, size);
    }

    /// <summary>The blob is read to where the server sends it from: copying it there costs more than anything else here.</summary>
    private async Task WriteAsync(HttpContext context, long count)
    {
        using var body = new IdleBody(context, idle);
        // Before the headers are written there is no place for the body yet.
        await context.Response.StartAsync(context.RequestAborted);
        while (count > 0)
        {
            var piece = context.Response.BodyWriter.GetMemory(PieceBytes)[..(int)Math.Min(PieceBytes, count)];
            var read = await content.ReadAsync(piece, context.RequestAborted);
            if (read == 0)
                throw new InvalidDataException($"Blob {digest} is shorter than it was when it was opened.");
            context.Response.BodyWriter.Advance(read);
            await body.FlushAsync();
            count -= read;
        }
    }
}
