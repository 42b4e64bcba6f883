using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Bases;

/// <summary>Where an engine fetches an image from, and as whom.</summary>
/// <param name="Account">Null where it is asked as everyone may.</param>
public sealed record BaseSource(string Reference, PushAccount? Account);

/// <summary>Finds the namespace here that hands on the images of another registry and keeps them, and the account of the operator for what comes directly.</summary>
public sealed class BaseSources(RegistryDatabase database, PushHost host, PushTickets tickets, IOptions<ImageOptions> images, IOptions<BuildOptions> builds)
{
    // A ticket is for one tag; this is none that anything could be pushed under.
    private const string PullTag = "-";

    /// <summary>What to ask an engine for. A build must not get what its publisher may not pull: of private namespaces it gets its own alone, and the operator's account only where that is for its namespace.</summary>
    /// <exception cref="EngineUnavailableException">The password cannot be read.</exception>
    public async Task<BaseSource> FindAsync(ImageName image, BaseWish wish, CancellationToken cancellation)
    {
        var repository = IsOwn(image.Host) ? image.Repository
            : images.Value.Proxies.FirstOrDefault(one => one.Upstream.Equals(image.Host, StringComparison.OrdinalIgnoreCase)) is { } proxy ? $"{proxy.Namespace}/{image.Repository}"
            : null;
        return repository is not null && await MayPullAsync(repository, wish.Space, cancellation)
            ? new BaseSource((image with { Host = host.Value, Repository = repository }).ToString(), new PushAccount(PushTarget.BuildUser, tickets.Issue(repository, PullTag, wish.Time)))
            : new BaseSource(image.ToString(), AccountFor(image, wish.Space));
    }

    /// <summary>Whether a build of the namespace may begin with what the engine holds under this name: it may have come there for another, with an account or from a private namespace.</summary>
    public async Task<bool> MayUseHeldAsync(ImageName image, string space, CancellationToken cancellation)
    {
        if (IsOwn(image.Host))
            return await MayPullAsync(image.Repository, space, cancellation);
        if (images.Value.Upstreams.FirstOrDefault(one => one.Host.Equals(image.Host, StringComparison.OrdinalIgnoreCase)) is { Username.Length: > 0 } entry && !new Upstream(entry).Covers(space, image.Repository))
            return false;
        return images.Value.Proxies.FirstOrDefault(one => one.Upstream.Equals(image.Host, StringComparison.OrdinalIgnoreCase)) is not { } proxy
            || await MayPullAsync($"{proxy.Namespace}/{image.Repository}", space, cancellation);
    }

    /// <summary>By the name that clients know, and by the one under which engines push.</summary>
    private bool IsOwn(string registry)
    {
        if (registry == images.Value.PublicHost || registry == builds.Value.PushHost)
            return true;
        try
        {
            return registry == host.Value;
        }
        catch (EngineUnavailableException)
        {
            // It has no address for engines, so none has an image from there.
            return false;
        }
    }

    private async Task<bool> MayPullAsync(string repository, string space, CancellationToken cancellation)
    {
        var owner = RepositoryNames.SpaceOf(repository);
        return owner == space || await database.ReadAsync(db => db.Namespaces.AnyAsync(row => row.Name == owner && !row.IsPrivate, cancellation), cancellation);
    }

    private PushAccount? AccountFor(ImageName image, string space)
    {
        var entry = images.Value.Upstreams.FirstOrDefault(one => one.Host.Equals(image.Host, StringComparison.OrdinalIgnoreCase));
        if (entry is null || string.IsNullOrEmpty(entry.Username) || !new Upstream(entry).Covers(space, image.Repository))
            return null;
        return SecretFile.TryRead(entry.PasswordFile!, out var fault, out var password)
            ? new PushAccount(entry.Username, password)
            : throw new EngineUnavailableException($"The password file of Images__Upstreams for {entry.Host} {fault}.");
    }
}
