using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http;

/// <summary>One version by its number, for documents that know no ranges, channels or digests.</summary>
internal static class ExactVersion
{
    /// <param name="what">What such a document is of, such as <c>A record is</c>.</param>
    /// <exception cref="RefusedException">400, 404 or, of one that was purged, 410.</exception>
    public static (ComponentEntry Component, VersionEntry Version) Find(HttpContext context, string space, string name, string version, string what, TimeProvider clock)
    {
        var component = CatalogView.Of(context).Find(space, name) ?? throw new RefusedException(Missing.Component(space, name));
        if (!SemanticVersion.TryParse(version, out var number))
            throw new RefusedException(new Refusal(400, "bad-reference", "The reference cannot be read.", $"{what} of one exact version, such as 1.2.0: no range, channel or digest."));
        if (component.Find(number) is not { } found || found.HasExpired(clock))
            throw new RefusedException(Missing.Version(component.Subject, number.ToString()));
        return found.State == VersionState.Purged ? throw new RefusedException(Missing.Purged(component, found)) : (component, found);
    }
}
