using System.Security.Cryptography;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Http.Pieces;

/// <summary>
/// A body of pieces: gzip without compressing anything again, brotli once it has stayed the same for a while, plain for whoever wants neither.
/// Each encoding has a strong ETag of its own; 304 when the client has the body in one that it takes.
/// </summary>
public sealed class ServedPieces : IResult, IKeptAnswer
{
    private const string Gzip = "gzip";
    private const string Brotli = "br";

    // What keeping it costs for each piece beside the piece, which others share.
    private const int Overhead = 64;
    private readonly IReadOnlyList<Piece> _pieces;
    private readonly string _contentType;
    private readonly QuietBodies _quiet;
    private readonly PlainTexts _plain;
    private readonly string _digest;
    private readonly string _tag;
    private readonly byte[] _gzipTail;
    private readonly long _length;
    private readonly long _gzipLength;

    public ServedPieces(IReadOnlyList<Piece> pieces, string contentType, QuietBodies quiet, PlainTexts plain)
    {
        (_pieces, _contentType, _quiet, _plain) = (pieces, contentType, quiet, plain);
        _digest = DigestOf(pieces);
        _tag = TagOf(null);
        _gzipTail = Piece.GzipTail(pieces);
        _length = pieces.Sum(piece => (long)piece.Length);
        _gzipLength = Piece.GzipHead.Length + pieces.Sum(piece => (long)piece.Deflated.Length) + _gzipTail.Length;
    }

    public string? ContentDisposition { get; init; }

    public Freshness? Until { get; init; }

    /// <summary>Bytes of the pieces that were made for this answer alone.</summary>
    public long OwnPieces { get; init; }

    public long OwnBytes => OwnPieces + (long)Overhead * _pieces.Count;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (httpContext.Features.Get<KeptPlace>() is { } place)
            place.Cache.Keep(place.Target, this);
        return AnswerAsync(httpContext, Served.IsForOne(httpContext));
    }

    public Task AnswerAsync(HttpContext context, bool isForOne)
    {
        var (request, response) = (context.Request, context.Response);
        var headers = response.Headers;
        headers.CacheControl = isForOne ? Served.ForOne(Served.Moving) : Served.Moving;
        headers.Vary = headers.Vary.Count == 0 ? HeaderNames.AcceptEncoding : StringValues.Concat(headers.Vary, HeaderNames.AcceptEncoding);
        if (ContentDisposition is not null)
            headers.ContentDisposition = ContentDisposition;
        // A body without compression is for everyone; most who ask again need not be asked what they take.
        var known = ETags.IsKnown(request, _tag) ? _tag : null;
        var accepted = known is null ? Accepted(request) : [];
        known ??= accepted.Select(TagOf).FirstOrDefault(tag => ETags.IsKnown(request, tag));
        if (known is null)
            return WriteAsync(context, accepted);
        headers.ETag = known;
        response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    private async Task WriteAsync(HttpContext context, List<string> accepted)
    {
        var response = context.Response;
        var brotli = accepted.Contains(Brotli) ? _quiet.Find(_digest, _pieces) : null;
        var chosen = brotli is not null ? Brotli : accepted.Contains(Gzip) ? Gzip : null;
        response.Headers.ETag = TagOf(chosen);
        response.Headers.ContentType = _contentType;
        if (chosen is not null)
            response.Headers.ContentEncoding = chosen;
        response.ContentLength = chosen switch { Brotli => brotli!.Length, Gzip => _gzipLength, _ => _length };
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        var gone = context.RequestAborted;
        if (brotli is not null)
        {
            await response.Body.WriteAsync(brotli, gone);
            return;
        }
        if (chosen == Gzip)
        {
            await response.Body.WriteAsync(Piece.GzipHead, gone);
            foreach (var piece in _pieces)
                await response.Body.WriteAsync(piece.Deflated, gone);
            await response.Body.WriteAsync(_gzipTail, gone);
            return;
        }
        var textOf = _plain.For(_digest);
        foreach (var piece in _pieces)
            await response.Body.WriteAsync(textOf(piece), gone);
    }

    private string TagOf(string? encoding) => encoding is null ? $"\"{_digest}\"" : $"\"{_digest}-{encoding}\"";

    /// <summary>Of the texts and how they are cut, from what is known of each.</summary>
    private static string DigestOf(IReadOnlyList<Piece> pieces)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in pieces)
            hash.AppendData(piece.Hash);
        return Storage.Digest.Text(HashAlgorithmName.SHA256, hash.GetCurrentHash());
    }

    private static List<string> Accepted(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList([.. request.Headers.AcceptEncoding.OfType<string>()], out var wishes))
            return [];
        return [.. new[] { Brotli, Gzip }.Where(encoding => (wishes.FirstOrDefault(wish => wish.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
            ?? wishes.FirstOrDefault(wish => wish.Value == "*")) is { } wish && wish.Quality != 0)];
    }
}

/// <summary>What all bodies of pieces share.</summary>
public static class PiecesSetup
{
    public static void AddPieces(this IServiceCollection services)
    {
        services.AddSingleton<QuietBodies>();
        services.AddSingleton<PlainTexts>();
    }
}
