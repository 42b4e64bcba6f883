using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Http.Pieces;

/// <summary>
/// A body of pieces: gzip without compressing anything again, brotli once it has stayed the same for a while, plain for whoever wants neither.
/// Each encoding has a strong ETag of its own; 304 when the client has the body in one that it takes.
/// </summary>
public sealed record ServedPieces(IReadOnlyList<Piece> Pieces, string ContentType, QuietBodies Quiet) : IResult
{
    private const string Gzip = "gzip";
    private const string Brotli = "br";

    public string? ContentDisposition { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var digest = DigestOfPieces();
        var accepted = Accepted(request);
        var headers = response.Headers;
        headers.CacheControl = Served.IsForOne(httpContext) ? Served.ForOne(Served.Moving) : Served.Moving;
        headers.Vary = StringValues.Concat(headers.Vary, HeaderNames.AcceptEncoding);
        if (ContentDisposition is not null)
            headers.ContentDisposition = ContentDisposition;
        if (accepted.Prepend(null).Select(encoding => TagOf(digest, encoding)).FirstOrDefault(tag => ETags.IsKnown(request, tag)) is { } known)
        {
            headers.ETag = known;
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var brotli = accepted.Contains(Brotli) ? Quiet.Find(digest, Pieces) : null;
        var chosen = brotli is not null ? Brotli : accepted.Contains(Gzip) ? Gzip : null;
        headers.ETag = TagOf(digest, chosen);
        headers.ContentType = ContentType;
        if (chosen is not null)
            headers.ContentEncoding = chosen;
        var tail = chosen == Gzip ? Piece.GzipTail(Pieces) : [];
        response.ContentLength = chosen switch
        {
            Brotli => brotli!.Length,
            Gzip => Piece.GzipHead.Length + Pieces.Sum(piece => (long)piece.Deflated.Length) + tail.Length,
            _ => Pieces.Sum(piece => (long)piece.Length),
        };
        if (HttpMethods.IsHead(request.Method))
            return;
        if (brotli is not null)
        {
            await response.Body.WriteAsync(brotli, httpContext.RequestAborted);
            return;
        }
        if (chosen == Gzip)
            await response.Body.WriteAsync(Piece.GzipHead, httpContext.RequestAborted);
        foreach (var piece in Pieces)
            await response.Body.WriteAsync(chosen == Gzip ? piece.Deflated : piece.Text(), httpContext.RequestAborted);
        await response.Body.WriteAsync(tail, httpContext.RequestAborted);
    }

    private static string TagOf(string digest, string? encoding) => encoding is null ? $"\"{digest}\"" : $"\"{digest}-{encoding}\"";

    /// <summary>Of the texts and how they are cut, from what is known of each.</summary>
    private string DigestOfPieces()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in Pieces)
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
