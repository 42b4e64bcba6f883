using System.Text.Json.Serialization;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Access.Tokens;

/// <summary><c>POST /api/v1/tokens/leaks</c>: where secret scanners report tokens that they found in public places.</summary>
public static class LeakEndpoint
{
    private const int MaxBytes = 1024 * 1024;

    // As the best known scanner names them, and without its name.
    private static readonly string[] KeyHeaders = ["Github-Public-Key-Identifier", "X-Public-Key-Identifier"];
    private static readonly string[] SignatureHeaders = ["Github-Public-Key-Signature", "X-Public-Key-Signature"];

    public static void MapLeaks(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/tokens/leaks", PostAsync).Open().WithTags("Access").WithName("reportLeaks").WithSummary("Report tokens that were found in public places")
            .WithDescription("For secret scanners. The raw body is signed (ECDSA P-256, SHA-256, DER in base64) by a key of `Access__LeakKeys`; the headers "
                + "`Github-Public-Key-Identifier` and `Github-Public-Key-Signature` (or `X-Public-Key-…`) name the key and hold the signature. "
                + "A token of this registry is revoked at once. `token_hash` is SHA-256 in base64.")
            .WithMetadata(new JsonRequest(typeof(IReadOnlyList<LeakDocument>), """[{"token": "clmt_…", "type": "claimed_registry_token", "url": "https://example.org/blob/1/deploy.sh", "source": "content"}]"""))
            .Returns<IReadOnlyList<LeakAnswerDocument>>(200, "One answer for each entry, in their order.",
                """[{"token_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", "token_type": "claimed_registry_token", "label": "true_positive"}]""")
            .Refuses(400, "malformed-json").Refuses(401, "bad-signature").Refuses(413, "body-too-large");

    private static async Task<IResult> PostAsync(HttpContext context, LeakReports reports)
    {
        var request = context.Request;
        var (keyId, signature) = (FirstOf(request, KeyHeaders), FirstOf(request, SignatureHeaders));
        // Who names no known key does not make the registry take a body.
        var body = reports.Knows(keyId) ? await ReadAsync(request) : ReadOnlyMemory<byte>.Empty;
        if (!reports.IsSigned(keyId, signature, body.Span))
            return new Refusal(401, "bad-signature", "The report is not signed by a known scanner.",
                "The signature of the raw body must be by the key that the headers name, one of Access__LeakKeys.").ToResult();
        Actor.Current = Actor.Current with { Name = $"secret scanner {keyId}" };
        return Results.Json(await reports.RevokeAsync(LeakReports.Read(body.Span), context.RequestAborted));
    }

    private static string? FirstOf(HttpRequest request, IEnumerable<string> names) =>
        names.Select(name => request.Headers[name].ToString()).FirstOrDefault(value => value.Length > 0);

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request)
    {
        var bytes = new byte[MaxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        return length <= MaxBytes
            ? bytes.AsMemory(0, length)
            : throw new RefusedException(new Refusal(413, "body-too-large", "The body is too large.", $"A report has at most {MaxBytes} bytes; send it in parts."));
    }
}

/// <summary>What a scanner found.</summary>
/// <param name="Type">What the scanner calls tokens of this kind.</param>
/// <param name="Url">Where it was found.</param>
/// <param name="Source">In what: a commit, a discussion, a package.</param>
public sealed record LeakDocument(string Token, string? Type, string? Url, string? Source);

/// <summary>What came of a find; names are in snake case.</summary>
/// <param name="TokenHash">SHA-256 of the token, base64.</param>
/// <param name="TokenType">As the scanner called it.</param>
/// <param name="Label"><c>true_positive</c> for a token of this registry, else <c>false_positive</c>.</param>
public sealed record LeakAnswerDocument(
    [property: JsonPropertyName("token_hash")] string TokenHash, [property: JsonPropertyName("token_type")] string TokenType, string Label);
