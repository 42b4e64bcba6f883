using System.Globalization;
using System.Text.RegularExpressions;
using Claimed.Registry.Access;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Pushing blobs: in one request, in chunks, or by mounting one that another repository has.</summary>
public sealed partial class UploadEndpoints(
    UploadSessions sessions, IBlobStore blobs, ImageStore store, ImageChanges changes, NamespaceQuota quota, Rights rights, ImageChallenge challenge, IOptions<ImageOptions> options,
    TimeProvider clock)
{
    private static readonly TimeSpan StatusLimit = TimeSpan.FromSeconds(2);

    public async Task<IResult> StartAsync(HttpContext context, ImageRoute route)
    {
        var query = context.Request.Query;
        if (query["mount"] is [{ } mounted])
        {
            if (!Digest.IsKnown(mounted))
                return OciError.DigestInvalid(mounted);
            if (query["from"] is [{ } source] && NeedsOtherPass(context, source))
                return challenge.Of(context, route.Repository, source);
            if (await MountAsync(context, route.Repository, mounted, query["from"]))
                return Stored(context, route.Repository, mounted);
        }
        if (query.ContainsKey("digest"))
            return await StoreWholeAsync(context, route.Repository);
        // The digest at the end says it again; what no blob can be kept under is better refused before it is sent.
        if (query["digest-algorithm"] is [{ } algorithm] && algorithm is not ("sha256" or "sha512"))
            return OciError.Unsupported(400, "Blobs are kept under sha256 or sha512: give one of them as digest-algorithm.");
        if (await quota.RefusalAsync(route.Repository, null, 0, context.RequestAborted) is { } full)
            return full;
        var session = await sessions.StartAsync(route.Repository);
        return Progress(context, route.Repository, session.Id, 0, StatusCodes.Status202Accepted);
    }

    /// <summary>How far an upload came. A request that was just cut may still be storing what it brought, so this waits a moment for it.</summary>
    public async Task<IResult> StatusAsync(HttpContext context, ImageRoute route)
    {
        if (await sessions.FindAsync(route.Repository, route.Reference, context.RequestAborted) is not { } session)
            return OciError.UploadUnknown();
        await using var turn = await session.TakeAsync(StatusLimit, clock, context.RequestAborted);
        return Progress(context, route.Repository, session.Id, turn?.Length ?? await session.LengthAsync(context.RequestAborted), StatusCodes.Status204NoContent);
    }

    public Task<IResult> AppendAsync(HttpContext context, ImageRoute route) => InTurnAsync(context, route, async turn =>
    {
        if (await AppendChunkAsync(context, route.Repository, turn) is { } refused)
            return refused;
        await turn.KeepAsync();
        return Progress(context, route.Repository, turn.Session.Id, turn.Length, StatusCodes.Status202Accepted);
    });

    public Task<IResult> FinishAsync(HttpContext context, ImageRoute route) => InTurnAsync(context, route, async turn =>
    {
        var digest = context.Request.Query["digest"].ToString();
        if (!Digest.IsKnown(digest))
            return OciError.DigestInvalid(digest);
        var before = turn.Length;
        if (await AppendChunkAsync(context, route.Repository, turn) is { } refused)
            return refused;
        return await StoreAsync(context, route.Repository, turn, digest, before);
    });

    public Task<IResult> CancelAsync(HttpContext context, ImageRoute route) => InTurnAsync(context, route, async turn =>
    {
        await sessions.EndAsync(turn.Session);
        return Results.NoContent();
    });

    /// <summary>From a repository that the caller may pull; without <c>from</c> it is looked for in all of those.</summary>
    private async Task<bool> MountAsync(HttpContext context, string repository, string digest, string? from)
    {
        var caller = Caller.Of(context);
        if (from is not null && !rights.MayMountFrom(caller, from))
            return false;
        var found = from is null
            ? await store.FindBlobAsync(digest, owner => rights.MayMountFrom(caller, owner), context.RequestAborted)
            : await store.FindBlobAsync(from, digest, context.RequestAborted);
        if (found is not { } size || !await blobs.TouchAsync(digest, context.RequestAborted))
            return false;
        await changes.AddBlobAsync(repository, digest, size, context.RequestAborted);
        return true;
    }

    /// <summary>Whether the pass that was sent opens only where the blob goes, and the caller could have one for where it is.</summary>
    private bool NeedsOtherPass(HttpContext context, string source) =>
        ImageNames.IsRepository(source) && !rights.IsPublic(source) && rights.NeedsOtherPass(Caller.Of(context), source, PassAccess.Pull);

    private async Task<IResult> StoreWholeAsync(HttpContext context, string repository)
    {
        var digest = context.Request.Query["digest"].ToString();
        if (!Digest.IsKnown(digest))
            return OciError.DigestInvalid(digest);
        if (await quota.RefusalAsync(repository, digest, context.Request.ContentLength ?? 0, context.RequestAborted) is { } full)
            return full;
        var session = await sessions.StartAsync(repository, isVisible: false);
        try
        {
            await using var turn = await TakeAsync(session);
            using var body = new IdleBody(context, options.Value.IdleTimeout);
            if (await AppendWithinAsync(context, repository, turn, body) is { } refused)
                return refused;
            return await StoreAsync(context, repository, turn, digest, before: 0);
        }
        finally
        {
            await sessions.EndAsync(session);
        }
    }

    /// <summary>Blob first, row second: a blob without a row is invisible and collected later.</summary>
    private async Task<IResult> StoreAsync(HttpContext context, string repository, UploadTurn turn, string digest, long before)
    {
        if (await turn.DigestAsync(Digest.AlgorithmOf(digest), context.RequestAborted) != digest)
        {
            await turn.RollBackAsync(before);
            return OciError.DigestMismatch(digest);
        }
        // Before the bytes become a blob that no row will name.
        if (await quota.RefusalAsync(repository, digest, turn.Length, context.RequestAborted) is { } full)
        {
            await sessions.EndAsync(turn.Session);
            return full;
        }
        await PutAgain.RunAsync(async () =>
        {
            await turn.StoreAsync(digest);
            await changes.AddBlobAsync(repository, digest, turn.Length, CancellationToken.None);
        });
        // After the row: a moment without the database costs no layer, for the end can be asked for again.
        await sessions.EndAsync(turn.Session);
        return Stored(context, repository, digest);
    }

    private async Task<IResult?> AppendChunkAsync(HttpContext context, string repository, UploadTurn turn)
    {
        var request = context.Request;
        var before = turn.Length;
        if (request.ContentLength is { } said && await quota.RefusalAsync(repository, null, before + said, context.RequestAborted) is { } full)
            return full;
        using var body = new IdleBody(context, options.Value.IdleTimeout);
        if (request.Headers.ContentRange is not [{ } header])
            return await AppendWithinAsync(context, repository, turn, body);
        if (ContentRange.Match(header) is not { Success: true } match
            || !long.TryParse(match.Groups["first"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !long.TryParse(match.Groups["last"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || last < first)
            return OciError.UploadInvalid($"Content-Range \"{header}\" is malformed: write <first>-<last>, both counted from 0 and included.");
        if (first != before)
        {
            // 416 tells where to go on, and the upload stays as it is.
            Progress(context, repository, turn.Session.Id, before, StatusCodes.Status416RangeNotSatisfiable);
            return new OciError(416, "BLOB_UPLOAD_INVALID", $"The chunk begins at {first}, but the upload goes on at {before}.");
        }
        var count = last - first + 1;
        if (request.ContentLength is { } length && length != count)
            return OciError.UploadInvalid($"Content-Range {header} means {count} bytes, Content-Length says {length}.");
        if (await turn.AppendAsync(body, count) == count)
            return null;
        await turn.RollBackAsync(before);
        return OciError.UploadInvalid($"Content-Range {header} means {count} bytes, but the body has another length. The chunk was not taken.");
    }

    /// <summary>A body that does not say how long it is ends where even an empty namespace could not hold it.</summary>
    private async Task<IResult?> AppendWithinAsync(HttpContext context, string repository, UploadTurn turn, IdleBody body)
    {
        var before = turn.Length;
        var room = quota.MostBytes(repository) - before;
        if (await turn.AppendAsync(body, room) <= room)
            return null;
        await turn.RollBackAsync(before);
        return await quota.RefusalAsync(repository, null, long.MaxValue, context.RequestAborted)
            ?? OciError.UploadInvalid("The quota of the namespace changed while this came, and nothing of it was taken. Send it again.");
    }

    private async Task<IResult> InTurnAsync(HttpContext context, ImageRoute route, Func<UploadTurn, Task<IResult>> act)
    {
        if (await sessions.FindAsync(route.Repository, route.Reference, context.RequestAborted) is not { } session)
            return OciError.UploadUnknown();
        await using var turn = await TakeAsync(session);
        return await act(turn);
    }

    // Even when the client is gone already: what it sent is still to be kept.
    private async Task<UploadTurn> TakeAsync(UploadSession session) =>
        await session.TakeAsync(options.Value.UploadTurn, clock, CancellationToken.None) ?? throw new OciRefusedException(
            new OciError(409, "BLOB_UPLOAD_INVALID", "Another request writes to this upload, here or at another node of the registry. Send chunks one after the other."));

    private static IResult Progress(HttpContext context, string repository, string id, long length, int status)
    {
        var headers = context.Response.Headers;
        headers.Location = $"{context.Request.PathBase}/v2/{repository}/blobs/uploads/{id}";
        headers.Range = string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, length - 1)}");
        headers["Docker-Upload-UUID"] = id;
        return Results.StatusCode(status);
    }

    private static IResult Stored(HttpContext context, string repository, string digest)
    {
        context.Response.Headers["Docker-Content-Digest"] = digest;
        return Results.Created($"{context.Request.PathBase}/v2/{repository}/blobs/{digest}", null);
    }

    [GeneratedRegex(@"\A(bytes[ =])?(?<first>[0-9]{1,19})-(?<last>[0-9]{1,19})(/([0-9]+|\*))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ContentRange { get; }
}
