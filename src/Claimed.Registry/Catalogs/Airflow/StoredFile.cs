using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Http.Extensions;

namespace Claimed.Registry.Catalogs.Airflow;

/// <summary>
/// A file of the store with a strong ETag and ranges, which pip asks for when it looks into a wheel. Nothing is read for HEAD and for who has it
/// already, of a range that alone, and never all of it at once.
/// </summary>
/// <param name="size">Bytes of the whole.</param>
internal sealed class StoredFile(IBlobStore blobs, string digest, long size, string contentType, string cacheControl) : IResult
{
    private const int PieceBytes = 64 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var tag = ETags.Of(digest);
        response.GetTypedHeaders().ETag = tag;
        response.Headers.CacheControl = Served.IsForOne(httpContext) ? Served.ForOne(cacheControl) : cacheControl;
        response.Headers.AcceptRanges = "bytes";
        if (ETags.IsKnown(request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var isGet = HttpMethods.IsGet(request.Method);
        var range = ByteRange.Of(request, tag.ToString(), size);
        if (range is { Count: 0 } none)
        {
            none.SayIn(response, size);
            return;
        }
        var (first, count) = range is { } asked ? (asked.First, asked.Count) : (0, size);
        await using var content = isGet ? await blobs.OpenAsync(digest, first, count, httpContext.RequestAborted) ?? throw BlobLostException.Missing(digest) : null;
        range?.SayIn(response, size);
        response.ContentType = contentType;
        response.ContentLength = count;
        if (content is null)
            return;
        content.Seek(first, SeekOrigin.Begin);
        await StreamCopyOperation.CopyToAsync(content, response.Body, count, PieceBytes, httpContext.RequestAborted);
    }
}
