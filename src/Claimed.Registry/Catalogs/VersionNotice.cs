using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs;

/// <summary>Says in the headers of whatever is served of a deprecated or yanked version since when it is, and what follows it.</summary>
internal sealed class VersionNotice(DeprecationTimes deprecations, RegistryUrls urls)
{
    /// <param name="form">The form that the answer has or comes nearest to; null for the version's document.</param>
    public async ValueTask<Served> OnAsync(Served served, ComponentEntry component, VersionEntry version, string? form, CancellationToken cancellation)
    {
        var deprecation = await deprecations.OfAsync(component, version, cancellation);
        return served with
        {
            DeprecatedSince = deprecation.At,
            Successor = version.Successor is { } successor ? $"{UrlOf(component, successor)}{(form is null ? "" : "/" + form)}" : null,
            // What the database cannot tell now is not kept as if it were not so.
            Until = deprecation.IsKnown ? served.Until : null,
        };
    }

    private string UrlOf(ComponentEntry component, string successor)
    {
        if (!successor.Contains('/', StringComparison.Ordinal))
            return urls.Version(component.Namespace, component.Name, successor);
        var halves = successor.Split('@', 2);
        var parts = halves[0].Split('/', 2);
        return urls.Version(parts[0], parts[1], halves.ElementAtOrDefault(1) ?? ComponentEntry.Latest);
    }
}
