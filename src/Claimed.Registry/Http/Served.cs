using System.Globalization;
using System.Text;
using Claimed.Registry.Access.People;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http;

/// <summary>Bytes with a strong ETag: 304 when the client has them, HEAD without a body, a part for who asks with <c>Range</c>.</summary>
/// <param name="Bytes">The body.</param>
/// <param name="ContentType">Complete, with charset where the client wants one.</param>
/// <param name="DigestOfBytes"><c>sha256:…</c>.</param>
/// <param name="CacheControl"><c>no-cache</c> for what moves, <c>immutable</c> for what never changes.</param>
public sealed record Served(ReadOnlyMemory<byte> Bytes, string ContentType, string DigestOfBytes, string CacheControl) : IResult, IKeptAnswer
{
    /// <summary>For ever: the URL names these bytes.</summary>
    public const string Immutable = "public, max-age=31536000, immutable";

    public const string Moving = "no-cache";

    private const string ImmutableForOne = "private, max-age=31536000, immutable";

    /// <summary>What no cache keeps: it has a person's name or secret in it.</summary>
    public const string Private = "private, no-store";

    /// <summary>The strong entity tag.</summary>
    public Microsoft.Net.Http.Headers.EntityTagHeaderValue Tag => ETags.Of(DigestOfBytes);

    // The blocks of the server, and what it sends at most before the client has taken some (MaxResponseBufferSize, headers off).
    private const int Block = 4 * 1024;
    private const int OnePiece = 120 * 1024;

    private readonly string _tag = $"\"{DigestOfBytes}\"";

    /// <summary>Where these bytes stay, when the request came through a moving name.</summary>
    public string? ContentLocation { get; init; }

    /// <summary>For documents that were just made; null keeps 200.</summary>
    public string? CreatedAt { get; init; }

    public string? ContentDisposition { get; init; }

    /// <summary>Since when this is deprecated or yanked (RFC 9745), Unix seconds; null when it is not, or nobody knows.</summary>
    public long? DeprecatedSince { get; init; }

    /// <summary>Absolute URL of what to use instead (RFC 5829, <c>successor-version</c>).</summary>
    public string? Successor { get; init; }

    /// <summary>What a browser that opens these bytes may do; null leaves it to the browser.</summary>
    public string? ContentPolicy { get; init; }

    /// <summary>The answer holds while this does and may be kept for the next reader; null when it depends on anything beside the snapshot.</summary>
    public Freshness? Until { get; init; }

    public long OwnBytes => Bytes.Length;

    /// <summary>Counts each time it is given; null for what is no read of a version.</summary>
    public ReadTally? Tally { get; init; }

    public static Served Json<T>(T document, string contentType = "application/json; charset=utf-8")
    {
        var bytes = Encoding.UTF8.GetBytes(Http.Json.Write(document));
        return new Served(bytes, contentType, Digest.Of(bytes), Moving);
    }

    public static Served Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new Served(bytes, "text/plain; charset=utf-8", Digest.Of(bytes), Moving);
    }

    public Task ExecuteAsync(HttpContext context)
    {
        var place = context.Features.Get<KeptPlace>();
        if (Until is not null)
            place?.Cache.Keep(place.Target, this);
        return AnswerAsync(context, IsForOne(context));
    }

    /// <summary>Whether the reader sees what not everyone sees.</summary>
    internal static bool IsForOne(HttpContext context) => context.Features.Get<KeptPlace>() is { IsPublic: false } || Session.Of(context) is not null;

    public Task AnswerAsync(HttpContext context, bool isForOne)
    {
        Tally?.Count(context.Request);
        var response = context.Response;
        var headers = response.Headers;
        headers.ETag = _tag;
        headers.CacheControl = isForOne ? ForOne(CacheControl) : CacheControl;
        if (ContentLocation is not null)
            headers.ContentLocation = ContentLocation;
        if (ContentDisposition is not null)
            headers.ContentDisposition = ContentDisposition;
        if (ContentPolicy is not null)
            headers.ContentSecurityPolicy = ContentPolicy;
        if (DeprecatedSince is { } since)
            headers["Deprecation"] = string.Create(CultureInfo.InvariantCulture, $"@{since}");
        if (Successor is not null)
            headers.Link = $"<{Successor}>; rel=\"successor-version\"";
        var isRead = context.Request.IsRead();
        if (isRead && ETags.IsKnown(context.Request, _tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        if (CreatedAt is not null)
        {
            response.StatusCode = StatusCodes.Status201Created;
            headers.Location = CreatedAt;
        }
        // A page that says what is missing is no part of a file.
        else if (isRead && response.StatusCode == StatusCodes.Status200OK)
        {
            headers.AcceptRanges = "bytes";
            if (context.Request.Headers.Range.Count > 0 && ByteRange.Of(context.Request, _tag, Bytes.Length) is { } part)
                return WritePartAsync(response, part);
        }
        headers.ContentType = ContentType;
        headers.ContentLength = Bytes.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        if (Bytes.Length is > Block and <= OnePiece)
            return WriteInOnePieceAsync(response);
        // Without the token of the request: asking for it costs a source of tokens for each, and to a client that has gone the write ends by itself.
        var written = response.BodyWriter.WriteAsync(Bytes, CancellationToken.None);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }

    /// <summary>The same for the reader's own cache alone.</summary>
    internal static string ForOne(string cacheControl) => cacheControl switch
    {
        Immutable or ImmutableForOne => ImmutableForOne,
        Private => Private,
        _ => "private, no-cache",
    };

    private async Task WritePartAsync(HttpResponse response, ByteRange part)
    {
        if (!part.SayIn(response, Bytes.Length))
            return;
        response.ContentType = ContentType;
        response.ContentLength = part.Count;
        await response.BodyWriter.WriteAsync(Bytes.Slice((int)part.First, (int)part.Count), CancellationToken.None);
    }

    /// <summary>Left to itself the server cuts a body into blocks and hands each to the system.</summary>
    private async Task WriteInOnePieceAsync(HttpResponse response)
    {
        // Before the headers are written there is no place for the body yet; it would be copied twice.
        await response.StartAsync(CancellationToken.None);
        Bytes.CopyTo(response.BodyWriter.GetMemory(Bytes.Length));
        response.BodyWriter.Advance(Bytes.Length);
        await response.BodyWriter.FlushAsync(CancellationToken.None);
    }
}
