using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.AspNetCore.Mvc;

namespace Claimed.Registry.Catalogs;

/// <summary><c>/api/v1/components</c>: lists, components, versions and what clients download of them.</summary>
public static class ComponentEndpoints
{
    private const int MaxPage = 200;

    public static void MapComponents(this IEndpointRouteBuilder routes)
    {
        string[] reads = [HttpMethods.Get, HttpMethods.Head];
        var components = routes.MapGroup("/api/v1/components").WithTags("Catalog");
        components.MapMethods("", reads, List).WithName("listComponents").WithSummary("List components")
            .WithDescription("In the order of namespace and name. Filters: `q` (words in name, title, description or tags), `category`, `group`, `tag`, "
                + "`namespace`, `input` and `output` (type of a port). Follow `next` as `cursor` for more.")
            .Returns<Page<ComponentDocument>>(200, "A page of components.", Examples.Components).Refuses(400, "bad-query");
        components.MapMethods("{namespace}/{name}", reads, Get).WithName("getComponent").WithSummary("Read one component")
            .Returns<ComponentDocument>(200, "The component.", Examples.Component).Refuses(404, "component-not-found");
        components.MapMethods("{namespace}/{name}/versions", reads, Versions).WithName("listVersions").WithSummary("List the versions of a component")
            .WithDescription("Highest precedence first, of every state.")
            .Returns<Page<VersionDocument>>(200, "All versions.", Examples.Versions).Refuses(404, "component-not-found");
        components.MapMethods("{namespace}/{name}/versions/{version}", reads, Version).WithName("getVersion").WithSummary("Read one version")
            .WithDescription("`version` is a version (`1.2.0`), an npm range (`~1`, `^1.2`), a channel (`latest`) or the digest of one of its forms. "
                + "Ranges and channels answer with `Content-Location`.")
            .Returns<VersionDocument>(200, "The version.", Examples.Version)
            .Refuses(400, "bad-reference").Refuses(404, "component-not-found", "version-not-found");
        components.MapMethods("{namespace}/{name}/versions/{version}/{form}", reads, FormEndpoint.GetAsync).WithName("getForm")
            .WithSummary("Download a form of a version")
            .WithDescription("Forms: component.yaml (KFP), elyra.yaml, operator.py (Airflow), Dockerfile, original.yaml (as uploaded), bundle (all files, tar.gz). "
                + "The image in them is pinned by digest. Strong ETag; 304 on `If-None-Match`.")
            .Returns<string>(200, "The bytes.", Examples.ComponentYaml, "application/yaml", "text/x-python", "text/plain", "application/gzip")
            .Refuses(400, "bad-reference").Refuses(404, "component-not-found", "version-not-found", "version-not-ready", "form-not-found").Refuses(503, "blob-missing");
    }

    internal static Refusal NoSuchComponent(string space, string name) => new(404, "component-not-found", "There is no such component.",
        $"Nothing was published as {space}/{name}; GET /api/v1/components lists what was.");

    private static IResult List(
        string? q, string? category, string? group, string? tag, string? @namespace, string? input, string? output, string? cursor, int? limit,
        SnapshotFeed feed, RegistryUrls urls)
    {
        var size = Math.Clamp(limit ?? 50, 1, MaxPage);
        var found = feed.Current.Components.Values
            .Where(component => cursor is null || string.CompareOrdinal(component.Subject, cursor) > 0)
            .Where(component => Matches(category, component.Category) && Matches(group, component.Group) && Matches(@namespace, component.Namespace))
            .Where(component => tag is null || component.Tags.Contains(tag, StringComparer.OrdinalIgnoreCase))
            .Where(component => input is null || component.Shown?.InputTypes.Any(type => Matches(input, type)) == true)
            .Where(component => output is null || component.Shown?.OutputTypes.Any(type => Matches(output, type)) == true)
            .Where(component => q is null || HasWords(component, q))
            .Take(size + 1).ToList();
        var items = found.Take(size).ToList();
        return Served.Json(new Page<ComponentDocument>([.. items.Select(component => ComponentDocument.From(component, urls))],
            found.Count > size ? items[^1].Subject : null));
    }

    private static bool Matches(string? wanted, string? value) => wanted is null || string.Equals(wanted, value, StringComparison.OrdinalIgnoreCase);

    private static bool HasWords(ComponentEntry component, string query)
    {
        var text = string.Join(' ', [component.Subject, component.DisplayName, component.Description, .. component.Tags]);
        return query.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static IResult Get(string @namespace, string name, SnapshotFeed feed, RegistryUrls urls) =>
        feed.Current.Find(@namespace, name) is { } component
            ? Served.Json(ComponentDocument.From(component, urls))
            : NoSuchComponent(@namespace, name).ToResult();

    private static IResult Versions(string @namespace, string name, SnapshotFeed feed, RegistryUrls urls, Notices notices) =>
        feed.Current.Find(@namespace, name) is { } component
            ? Served.Json(new Page<VersionDocument>([.. component.Versions.Select(version => VersionDocument.From(component, version, urls, notices))], null))
            : NoSuchComponent(@namespace, name).ToResult();

    private static IResult Version(string @namespace, string name, [FromRoute(Name = "version")] string @ref, SnapshotFeed feed, RegistryUrls urls, Notices notices)
    {
        if (feed.Current.Find(@namespace, name) is not { } component)
            return NoSuchComponent(@namespace, name).ToResult();
        var resolved = VersionReference.Resolve(component, @ref);
        if (resolved.Version is not { } version)
            return resolved.Refusal!.ToResult();
        return Served.Json(VersionDocument.From(component, version, urls, notices)) with
        {
            ContentLocation = resolved.IsMoving ? urls.Version(@namespace, name, version.Number.ToString()) : null,
        };
    }
}
