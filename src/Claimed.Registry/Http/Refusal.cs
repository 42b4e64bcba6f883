using System.Globalization;
using Claimed.Components;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace Claimed.Registry.Http;

/// <summary>Why a request is refused: an RFC 9457 problem in the making.</summary>
/// <param name="Status">HTTP status, 4xx or 503/507.</param>
/// <param name="Type">Stable slug that clients may switch on, for example <c>version-exists</c>.</param>
/// <param name="Title">The same sentence for every problem of this type.</param>
/// <param name="Detail">What, where and how to fix it, for this request.</param>
public sealed record Refusal(int Status, string Type, string Title, string Detail)
{
    public IReadOnlyList<Finding>? Findings { get; init; }

    /// <summary>State of the version in question, for <c>version-not-ready</c> and <c>version-exists</c>.</summary>
    public string? State { get; init; }

    /// <summary>Seconds after which the request may be sent again; becomes the header <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Entity tag of what is there instead, for <c>precondition-failed</c>.</summary>
    public string? ETag { get; init; }

    /// <summary>The version that a channel means instead, for <c>precondition-failed</c>.</summary>
    public string? Current { get; init; }

    public IResult ToResult() => new RefusalResult(this);

    /// <summary>What the headers say, whatever the body is: when to come again, and with a 401 how to sign in (RFC 9110, 15.5.2).</summary>
    internal void SayInHeaders(HttpResponse response)
    {
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
            response.Headers.WWWAuthenticate = "Bearer realm=\"claimed-registry\"";
    }

    internal IResult ToProblem()
    {
        var extensions = new Dictionary<string, object?>();
        if (Findings is not null)
            extensions["findings"] = Findings.Select(FindingDocument.From).ToArray();
        if (State is not null)
            extensions["state"] = State;
        if (ETag is not null)
            extensions["etag"] = ETag;
        if (Current is not null)
            extensions["current"] = Current;
        return Results.Problem(SecretText.Hide(Detail), statusCode: Status, title: Title, type: Type, extensions: extensions);
    }
}

/// <summary>Answers with the problem; protocols that write errors in another way find the refusal here.</summary>
internal sealed record RefusalResult(Refusal Refusal) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        Refusal.SayInHeaders(httpContext.Response);
        return Refusal.ToProblem().ExecuteAsync(httpContext);
    }
}

/// <summary>Ends a request with a <see cref="Refusal"/> from deep inside reading an upload or a transaction, which it undoes.</summary>
public sealed class RefusedException(Refusal refusal) : Exception(refusal.Detail)
{
    public Refusal Refusal { get; } = refusal;
}

/// <summary>Turns <see cref="RefusedException"/> and the framework's bad requests into problems; what is left is a logged 500 without details.</summary>
public sealed class RefusalHandler(LostBlobs lost) : IExceptionHandler
{
    private static Refusal BlobMissing => new(503, "blob-missing", "The registry has lost these bytes.",
        "They are recorded, but their file is missing or damaged. The operator's word scrub says what is lost; publishing the same files again, or the word rerender, brings them back.");

    private static readonly Refusal StorageFull = new(507, "storage-full", "The registry has no space left.",
        "Nothing was stored. Reading goes on; ask the registry's operator to make room, then send the request again.");

    /// <summary>What a fault means to who asked; null for a fault of the registry.</summary>
    internal static Refusal? Of(Exception exception) => exception switch
    {
        RefusedException refused => refused.Refusal,
        BlobLostException => BlobMissing,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new Refusal(413, "upload-too-large",
            "The upload is too large.", "The request body is larger than this registry takes; Publish__MaxUploadBytes sets the limit."),
        BadHttpRequestException bad => new Refusal(bad.StatusCode, "bad-request", "The request is malformed.", bad.Message),
        _ when StorageFaults.IsFull(exception) => StorageFull,
        BlobStoreAwayException => BlobStoreAwayException.Away,
        _ when DatabaseFaults.IsAway(exception) => DatabaseFaults.Away,
        _ => null,
    };

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is BlobLostException gone)
            lost.Tell(gone);
        CrossOrigin.LetReadFault(context);
        if (Of(exception) is not { } refusal)
            return false;
        await refusal.ToResult().ExecuteAsync(context);
        return true;
    }
}

/// <summary>A finding as the API shows it.</summary>
/// <param name="Code">Stable slug, explained in docs/findings.md.</param>
/// <param name="Severity"><c>error</c>, <c>warning</c> or <c>suggestion</c>.</param>
/// <param name="Client">The client that breaks, or absent when all do.</param>
/// <param name="File">Path as sent.</param>
/// <param name="Line">From 1; 0 means the whole file.</param>
/// <param name="Column">From 1; 0 means the whole line.</param>
/// <param name="Cell">In a notebook, the cell from 1.</param>
/// <param name="CellLine">In a notebook, the line in the cell from 1.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Fix">What to write instead.</param>
public sealed record FindingDocument(
    string Code, Severity Severity, string? Client, string File, int Line, int Column, int? Cell, int? CellLine, string Message, string Fix)
{
    public static FindingDocument From(Finding finding)
    {
        var at = finding.Position;
        return new FindingDocument(finding.Code, finding.Severity, finding.Client, at.File ?? "", at.Line, at.Column,
            at.Cell == 0 ? null : at.Cell, at.CellLine == 0 ? null : at.CellLine, finding.Message, finding.Fix);
    }
}
