using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Access.Trust;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Images.Proxies;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.Extensions.Options;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>What a publish request led to, as readers see it now.</summary>
/// <param name="IsNew">False when the component already had this bundle.</param>
public sealed record PublishAnswer(ComponentEntry Component, VersionEntry Version, bool IsNew);

/// <summary>One publish request, from its URL to what readers then see; protocols of clients come this way, too.</summary>
public sealed class PublishRequest(
    UploadReader reader, Publisher publisher, SnapshotFeed feed, ImageProxies proxies, RegistryUrls urls, Notices notices, IOptions<PublishOptions> options)
{
    private static readonly TimeSpan FollowLimit = TimeSpan.FromSeconds(10);

    public async Task<IResult> RunAsync(HttpContext context, string space, string? name, string? version, int? wait)
    {
        SemVersion? number = null;
        if (version is not null && !SemanticVersion.TryParse(version, out number))
            return new Refusal(400, "bad-version", "The version cannot be used.",
                $"\"{version}\" is not a semantic version without build metadata, such as 1.2.0 or 1.2.0-rc.1.").ToResult();
        if (wait < 0 || wait > options.Value.MaxWaitSeconds)
            return PageQuery.BadQuery($"wait is {wait}; use 0 to {options.Value.MaxWaitSeconds} seconds.").Refusal.ToResult();
        var (component, entry, isNew) = await PublishAsync(context, space, name, async () => (await reader.ReadAsync(context.Request, context.RequestAborted), number), wait ?? 0);
        var document = VersionDocument.From(component, entry, urls, notices);
        return isNew ? Results.Created(document.Links["self"], document) : Results.Ok(document);
    }

    /// <param name="name">From the URL; null takes the source's.</param>
    /// <param name="read">Reads the body, and gives the version that it is to become; null lets the registry choose.</param>
    /// <param name="wait">Seconds to wait for a build.</param>
    /// <exception cref="RefusedException">Nothing may be published there, or the upload is refused.</exception>
    public async Task<PublishAnswer> PublishAsync(HttpContext context, string space, string? name, Func<Task<(Upload Upload, SemVersion? Number)>> read, int wait = 0)
    {
        if (!ComponentName.IsNamespace(space))
            throw new RefusedException(Missing.BadNamespace(space));
        if (name is not null && !ComponentName.IsName(name))
            throw new RefusedException(new Refusal(404, "namespace-invalid", "The name cannot be used.",
                $"\"{name}\" cannot be a component's name: lower-case words joined by hyphens, at most {ComponentName.MaxNameLength} characters."));
        if (proxies.Find(space) is { } proxy)
            throw new RefusedException(ProxyNamespace(space, proxy.Options.Upstream));
        var job = TrustedJob.Of(Caller.Of(context));
        if (job is null && feed.Current.Namespaces.GetValueOrDefault(space) is { OnlyTrusted: true })
            throw new RefusedException(OnlyTrusted(space));
        var published = await StoreAsync(context, space, name, read, job);
        if (wait > 0)
            await feed.WaitForAsync(snapshot => snapshot.Find(space, published.Name)?.Find(published.Version) is { HasEnded: true } ended ? ended : null,
                TimeSpan.FromSeconds(wait), context.RequestAborted);
        // Usually there already; when the database went away right after the commit, the catalog follows later.
        if (await feed.WaitForAsync(snapshot => snapshot.Find(space, published.Name) is { } found && found.Find(published.Version) is not null ? found : null,
                FollowLimit, context.RequestAborted) is not { } component)
            throw new RefusedException(DatabaseFaults.Away);
        return new PublishAnswer(component, component.Find(published.Version)!, published.IsNew);
    }

    /// <summary>The upload's memory is given back before anyone waits for a build.</summary>
    private async Task<Published> StoreAsync(HttpContext context, string space, string? name, Func<Task<(Upload Upload, SemVersion? Number)>> read, TrustedJob? job)
    {
        var (sent, number) = await read();
        using var upload = sent;
        return await publisher.PublishAsync(space, name, number, upload with { Fields = Provenance.Settle(upload.Fields, job) }, Caller.Of(context), context.RequestAborted);
    }

    private static Refusal ProxyNamespace(string space, string upstream) => new(409, "proxy-namespace", "The namespace is for images of another registry.",
        $"{space} hands on the images of {upstream} (Images__Proxies) and holds no components. Publish into another namespace.");

    private static Refusal OnlyTrusted(string space) => new(403, "only-trusted", "Versions come from CI jobs alone here.",
        $"{space} takes versions under its trust rules alone, from administrators too. Have the CI job exchange its OpenID Connect token at POST /api/v1/trust/token and publish with what it gets; "
        + $"or an owner sets \"onlyTrusted\": false with PATCH /api/v1/namespaces/{space}.");
}
