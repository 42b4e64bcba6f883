using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Access;

/// <summary>The catalog as one caller sees it. What the caller does not see is not there: the answers, and the time they take, are the same.</summary>
public sealed class CatalogView(CatalogSnapshot catalog, Sight sight)
{
    public static CatalogView Of(HttpContext context)
    {
        var catalog = context.RequestServices.GetRequiredService<SnapshotFeed>().Current;
        return new CatalogView(catalog, context.RequestServices.GetRequiredService<Rights>().SightOf(Caller.Of(context), catalog));
    }

    /// <summary>The whole, for what is no one's secret.</summary>
    public CatalogSnapshot Catalog => catalog;

    /// <summary>Holds until any component changes.</summary>
    public Freshness Freshness => catalog.Freshness;

    /// <summary>By subject, in ordinal order.</summary>
    public IEnumerable<ComponentEntry> Components => sight == Sight.Everything ? catalog.Components.Values : catalog.Components.Values.Where(Sees);

    /// <summary>By name, in ordinal order.</summary>
    public IEnumerable<NamespaceEntry> Namespaces => catalog.Namespaces.Values.Where(sight.Sees);

    public NamespaceEntry? Namespace(string space) => catalog.Namespaces.GetValueOrDefault(space) is { } entry && sight.Sees(entry) ? entry : null;

    public ComponentEntry? Find(string space, string name) => catalog.Find(space, name) is { } component && Sees(component) ? component : null;

    public IEnumerable<ComponentEntry> InNamespace(string space) => Components.Where(component => component.Namespace == space);

    /// <summary>Whether the caller sees what an event or a build is about: a namespace, a component, or a repository.</summary>
    public bool Sees(string subject)
    {
        var parts = subject.Split('/', 2);
        // Of a namespace that is gone nothing says any more whether it was private.
        if (catalog.Namespaces.GetValueOrDefault(parts[0]) is not { } space)
            return false;
        return parts.Length == 1 ? sight.Sees(space) : sight.Sees(space, parts[1]);
    }

    private bool Sees(ComponentEntry component) =>
        catalog.Namespaces.GetValueOrDefault(component.Namespace) is { } space && sight.Sees(space, component.Name);

    /// <summary>Everything that has this digest. All packed bytes are looked through: that takes some milliseconds, and an index would outweigh the catalog.</summary>
    public IReadOnlyList<DigestUse> FindDigest(Sha256 digest) =>
        [.. Components.Where(component => component.MayHave(digest)).SelectMany(component => component.Versions.SelectMany(version => DigestUse.In(component, version, digest)))];
}
