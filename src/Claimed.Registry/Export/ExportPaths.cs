using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Components.Wheels;
using Claimed.Database.Catalog;
using Claimed.Registry.Catalogs.Airflow;
using Claimed.Registry.Catalogs.Artifactory;
using Claimed.Registry.Catalogs.Elyra;
using Claimed.Registry.Evidence;
using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;
using Claimed.Registry.Wheels;

namespace Claimed.Registry.Export;

/// <summary>
/// Every URL that everyone may read and that ends in a file name, as a path. What a query chooses has a path of its own beside it, which is here; pages,
/// lists, searches, images, and all that changes something are live only.
/// </summary>
public sealed class ExportPaths(EvidenceKeys keys, NamespaceWheels wheels, ConnectorWheel connector, TimeProvider clock)
{
    private const string Keys = "/.well-known/evidence-keys";

    // A rendition by its digest is asked for under its form; what is no file name is left out.
    private static readonly string[] Kept = [.. RenditionForm.Kept.Where(IsFileName)];
    private static readonly string[] OnRequest = [.. RenditionForm.OnRequest.Where(IsFileName)];

    /// <summary>In no order; each once.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(CatalogSnapshot catalog, CancellationToken cancellation)
    {
        var isPublic = catalog.Namespaces.Values.Where(space => !space.IsPrivate).Select(space => space.Name).ToHashSet(StringComparer.Ordinal);
        var paths = Documents().Concat(isPublic.SelectMany(OfCatalogs))
            .Concat(catalog.Components.Values.Where(component => isPublic.Contains(component.Namespace)).SelectMany(OfComponent)).ToHashSet(StringComparer.Ordinal);
        foreach (var space in isPublic)
            paths.UnionWith(OfWheels(space, await wheels.OfAsync(space, cancellation)));
        return [.. paths];
    }

    private static IEnumerable<string> OfCatalogs(string space)
    {
        yield return $"/catalogs/kfp/{space}/context.json";
        foreach (var path in OfElyra($"{space}/").Append($"/catalogs/elyra/{space}/catalog.json").Append($"/catalogs/elyra/{space}/url-catalog.json"))
            yield return path;
    }

    /// <summary>What the query <c>runtime=</c> chooses.</summary>
    /// <param name="of">A namespace and a slash, or <c>~/</c> for all.</param>
    private static IEnumerable<string> OfElyra(string of) =>
        from runtime in ElyraRuntime.All
        from file in (string[])["catalog.json", "url-catalog.json"]
        select $"/catalogs/elyra/{of}{runtime.Name}/{file}";

    /// <summary>The index of pip is a page for each folder, which a web server gives for the folder.</summary>
    private static IEnumerable<string> OfWheels(string space, IReadOnlyList<StoredWheel> stored)
    {
        if (stored.Count == 0)
            return [];
        string[] files = [AirflowEndpoints.NewestOf(space), "elyra-package.zip", "elyra-provider.json", "elyra-package.json", .. stored.Select(wheel => ProviderWheel.Info(space, wheel.Serial).FileName)];
        return [$"{AirflowEndpoints.Simple}claimed-{space}/", .. files.Select(file => $"{AirflowEndpoints.Root}/{space}/{file}")];
    }

    private IEnumerable<string> Documents() =>
    [
        AirflowEndpoints.Simple,
        $"{AirflowEndpoints.Simple}{connector.Info.Project}/",
        AirflowEndpoints.Connector + connector.Info.FileName,
        "/catalogs/elyra/catalog.json",
        "/catalogs/elyra/url-catalog.json",
        .. OfElyra("~/"),
        "/swagger/v1/openapi.yaml",
        "/swagger/v1/openapi.json",
        "/.well-known/jwks.json",
        $"{Keys}.json",
        $"{Keys}.pem",
        .. keys.All.Select(key => $"{Keys}/{key.Id}.pem"),
    ];

    private IEnumerable<string> OfComponent(ComponentEntry component)
    {
        var versions = component.Versions.Where(version => version.IsReady && !version.HasExpired(clock)).ToList();
        var root = $"/api/v1/components/{component.Subject}/versions";
        foreach (var version in versions)
        {
            foreach (var reference in References(component, version))
                foreach (var form in Forms(component, version))
                    yield return $"{root}/{reference}/{form}";
            yield return $"{root}/{version.Number}/evidence.tar.gz";
            yield return $"{root}/{version.Number}/record.json";
            foreach (var form in Kept)
                foreach (var digest in Digests(version, form))
                    yield return $"{root}/{digest}/{form}";
        }
        if (versions.Count > 0)
            yield return $"/api/v1/components/{component.Subject}/record.json";
        foreach (var path in OfStore(component, versions).Concat(ArtifactoryEndpoints.FilesOf(component)))
            yield return path;
    }

    /// <summary>The names under which clients keep a version: its number, the range of its major, and channels.</summary>
    private static IEnumerable<string> References(ComponentEntry component, VersionEntry version)
    {
        yield return version.Number.ToString();
        var range = $"~{version.Number.Major}";
        if (SemanticVersion.TryParseRange(range, out var parsed) && component.Find(parsed) is { } highest && highest.Number.Equals(version.Number))
            yield return range;
        foreach (var channel in component.Channels.Where(channel => channel.Version.Equals(version.Number)))
            yield return channel.Name;
    }

    private static IEnumerable<string> Forms(ComponentEntry component, VersionEntry version)
    {
        foreach (var form in Kept.Where(version.Renditions.ContainsKey))
            yield return form;
        if (component.Kind == ComponentKind.Pipeline)
            yield return RenditionForm.Pipeline;
        foreach (var form in RequestedForms.Has(version) ? OnRequest : [])
            yield return form;
        if (version.Renditions.ContainsKey(RenditionForm.Contents))
            yield return RenditionForm.Spdx;
    }

    /// <summary>All revisions of a form.</summary>
    private static List<string> Digests(VersionEntry version, string form)
    {
        var digests = new List<string>();
        foreach (ref readonly var row in version.Renditions.Rows)
        {
            if (row.Form == form)
                digests.Add(row.Digest.ToString());
        }
        return digests;
    }

    /// <summary>The component store of the KFP SDK 1.x reads files by paths alone, so it works from a folder, too.</summary>
    private static IEnumerable<string> OfStore(ComponentEntry component, IReadOnlyList<VersionEntry> versions)
    {
        var root = $"/catalogs/kfp/store/{component.Subject}";
        foreach (var version in versions.Where(version => !version.Withdrawn && version.Renditions.ContainsKey(RenditionForm.Component)))
        {
            foreach (var tag in component.Channels.Where(channel => channel.Version.Equals(version.Number)).Select(channel => channel.Name).Append(version.Number.ToString()))
            {
                yield return $"{root}/versions/tags/{tag}";
                if (tag == ComponentEntry.Latest)
                    yield return $"{root}/{RenditionForm.Component}";
            }
            foreach (var digest in Digests(version, RenditionForm.Component).Concat(Digests(version, RenditionForm.Original)))
                yield return $"{root}/versions/sha256/{digest["sha256:".Length..]}";
        }
    }

    private static bool IsFileName(string form) => form.Contains('.') || form == RenditionForm.Dockerfile;
}
