using Claimed.Registry.Access;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Http;
using Claimed.Registry.Images.Proxies;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Claimed.Registry.Images;

/// <summary>Takes every request under <c>/v2/</c>: reads the path, asks for the right to write, and words every failure as OCI does.</summary>
public sealed partial class ImageDispatch(
    BlobEndpoints blobs, UploadEndpoints uploads, ManifestEndpoints manifests, TagEndpoints tags, Rights rights, CredentialReading credentials, ImageChallenge challenge, ImageProxies proxies,
    LostBlobs lost, ILogger<ImageDispatch> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        LiftLimits(context.Features);
        try
        {
            await (await AnswerAsync(context)).ExecuteAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; what it sent of an upload is kept.
        }
        catch (Exception fault) when (context.Response.HasStarted)
        {
            LogBroken(logger, fault, context.Request.Method, context.Request.Path);
            context.Abort();
        }
        catch (Exception fault)
        {
            if (fault is BlobLostException gone)
                lost.Tell(gone);
            if (ImageFaults.Name(fault) is not { } error)
            {
                LogFault(logger, fault, context.Request.Method, context.Request.Path);
                error = new OciError(500, "UNKNOWN", "The registry failed; its log says why.");
            }
            await error.ExecuteAsync(context);
        }
    }

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var route = ImageRoute.Parse(request.Path.Value!["/v2".Length..]);
        if (route.Resource == ImageResource.Unknown)
            return new OciError(404, "NAME_UNKNOWN", "There is nothing here: OCI Distribution knows blobs, manifests, tags/list and referrers of a repository.");
        if (EdgeText.HoldsNul(request))
            return OciError.Unsupported(400, EdgeText.Refused.Detail);
        if (Credentials.Of(context).Failure is not null)
            return challenge.Of(context, ImageNames.IsRepository(route.Repository) ? route.Repository : null);
        if (route.Resource == ImageResource.Base)
            return Base(context);
        if (!ImageNames.IsRepository(route.Repository))
            return OciError.NameInvalid(route.Repository);
        var reads = request.IsRead();
        var caller = Caller.Of(context);
        // Clients send credentials only when they are asked for them; who has sent some does not learn what there is that they may not see.
        if (rights.NeedsOtherPass(caller, route.Repository, reads ? PassAccess.Pull : PassAccess.Push))
            return challenge.Of(context, route.Repository);
        if (!rights.MayPull(caller, route.Repository))
            return caller.IsSignedIn ? OciError.NameUnknown(route.Repository) : challenge.Of(context, route.Repository);
        if ((!reads || route.Resource == ImageResource.Upload) && !rights.MayPush(caller, route.Repository))
            return caller.IsSignedIn ? OciError.Denied(403, $"{caller.Name} may not write to {route.Repository}.") : challenge.Of(context, route.Repository);
        if (caller.PushRepository is not null && HttpMethods.IsDelete(request.Method) && route.Resource != ImageResource.Upload)
            return OciError.Denied(403, "The ticket of a build pushes; it deletes nothing.");
        if (proxies.Find(route.Repository) is { } proxy)
        {
            if (!reads && !HttpMethods.IsDelete(request.Method))
                return OciError.Denied(403, $"{proxy.Options.Namespace} hands on the images of {proxy.Options.Upstream}: push there, or into another namespace.");
            if (reads && await proxy.PrepareAsync(context, route) is { } answer)
                return answer;
        }
        if (!reads)
            Actor.Current = Actor.Current with { Refuses = () => MayWriteStill(context, route.Repository) ? null : AccessRefusals.Unknown };
        return await RouteAsync(context, route);
    }

    private bool MayWriteStill(HttpContext context, string repository) =>
        credentials.Again(context) is { Failure: null, Caller: var caller } && rights.MayPull(caller, repository) && rights.MayPush(caller, repository);

    /// <summary>Docker sends credentials, and asks for passes, only after a challenge here; so a request without any is always challenged.</summary>
    private IResult Base(HttpContext context)
    {
        if (!context.Request.IsRead())
            return NotAllowed(context, "GET, HEAD");
        return context.Request.Headers.Authorization.Count == 0 ? challenge.Of(context, null) : new OciJson(new { });
    }

    private async Task<IResult> RouteAsync(HttpContext context, ImageRoute route) => (route.Resource, context.Request.Method) switch
    {
        (ImageResource.Blob, "GET" or "HEAD") => await blobs.ReadAsync(context, route),
        (ImageResource.Blob, "DELETE") => await blobs.DeleteAsync(context, route),
        (ImageResource.Blob, _) => NotAllowed(context, "GET, HEAD, DELETE"),
        (ImageResource.Uploads, "POST") => await uploads.StartAsync(context, route),
        (ImageResource.Uploads, _) => NotAllowed(context, "POST"),
        (ImageResource.Upload, "GET" or "HEAD") => await uploads.StatusAsync(context, route),
        (ImageResource.Upload, "PATCH") => await uploads.AppendAsync(context, route),
        (ImageResource.Upload, "PUT") => await uploads.FinishAsync(context, route),
        (ImageResource.Upload, "DELETE") => await uploads.CancelAsync(context, route),
        (ImageResource.Upload, _) => NotAllowed(context, "GET, HEAD, PATCH, PUT, DELETE"),
        (ImageResource.Manifest, "GET" or "HEAD") => await manifests.ReadAsync(context, route),
        (ImageResource.Manifest, "PUT") => await manifests.PutAsync(context, route),
        (ImageResource.Manifest, "DELETE") => await manifests.DeleteAsync(context, route),
        (ImageResource.Manifest, _) => NotAllowed(context, "GET, HEAD, PUT, DELETE"),
        (ImageResource.Tags, "GET" or "HEAD") => await tags.ListAsync(context, route),
        (ImageResource.Referrers, "GET" or "HEAD") => await manifests.ReferrersAsync(context, route),
        _ => NotAllowed(context, "GET, HEAD"),
    };

    private static OciError NotAllowed(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return OciError.Unsupported(405, $"{context.Request.Method} is not possible here; {allowed} are.");
    }

    /// <summary>Kestrel ends large and slow transfers; layers are both. <see cref="IdleBody"/> ends those that stand still.</summary>
    private static void LiftLimits(IFeatureCollection features)
    {
        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } reading)
            reading.MinDataRate = null;
        if (features.Get<IHttpMinResponseDataRateFeature>() is { } writing)
            writing.MinDataRate = null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private static partial void LogFault(ILogger logger, Exception fault, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} was cut off in the middle of its answer.")]
    private static partial void LogBroken(ILogger logger, Exception fault, string method, PathString path);
}
