using System.Text;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Http;

/// <summary>Bytes with a strong ETag: 304 when the client has them, HEAD without a body.</summary>
/// <param name="Bytes">The body.</param>
/// <param name="ContentType">Complete, with charset where the client wants one.</param>
/// <param name="DigestOfBytes"><c>sha256:…</c>.</param>
/// <param name="CacheControl"><c>no-cache</c> for what moves, <c>immutable</c> for what never changes.</param>
public sealed record Served(ReadOnlyMemory<byte> Bytes, string ContentType, string DigestOfBytes, string CacheControl) : IResult
{
    /// <summary>For ever: the URL names these bytes.</summary>
    public const string Immutable = "public, max-age=31536000, immutable";

    public const string Moving = "no-cache";

    /// <summary>The strong entity tag.</summary>
    public Microsoft.Net.Http.Headers.EntityTagHeaderValue Tag => ETags.Of(DigestOfBytes);

    /// <summary>Where these bytes stay, when the request came through a moving name.</summary>
    public string? ContentLocation { get; init; }

    /// <summary>For documents that were just made; null keeps 200.</summary>
    public string? CreatedAt { get; init; }

    public static Served Json<T>(T document)
    {
        var bytes = Encoding.UTF8.GetBytes(Http.Json.Write(document));
        return new Served(bytes, "application/json; charset=utf-8", Digest.Of(bytes), Moving);
    }

    public static Served Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new Served(bytes, "text/plain; charset=utf-8", Digest.Of(bytes), Moving);
    }

    public async Task ExecuteAsync(HttpContext context)
    {
        var response = context.Response;
        response.GetTypedHeaders().ETag = Tag;
        response.Headers.CacheControl = CacheControl;
        if (ContentLocation is not null)
            response.Headers.ContentLocation = ContentLocation;
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (isRead && ETags.IsKnown(context.Request, Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        if (CreatedAt is not null)
        {
            response.StatusCode = StatusCodes.Status201Created;
            response.Headers.Location = CreatedAt;
        }
        response.ContentType = ContentType;
        response.ContentLength = Bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(Bytes, context.RequestAborted);
    }
}
