using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Namespaces;

/// <summary><c>/api/v1/namespaces</c>: who owns what.</summary>
public static class NamespaceEndpoints
{
    private const string Example = """
        {"name": "acme", "links": {"self": "http://localhost:8080/api/v1/namespaces/acme", "components": "http://localhost:8080/api/v1/components?namespace=acme"}}
        """;

    public static void MapNamespaces(this IEndpointRouteBuilder routes)
    {
        var namespaces = routes.MapGroup("/api/v1/namespaces").WithTags("Namespaces");
        namespaces.MapRead("", List).WithName("listNamespaces").WithSummary("List namespaces").WithDescription("By name. Follow `next` as `cursor` for more.")
            .Returns<Page<NamespaceDocument>>(200, "A page of namespaces.", $$"""{"items": [{{Example}}]}""").Refuses(400, "bad-query");
        namespaces.MapRead("{namespace}", Get).WithName("getNamespace").WithSummary("Read one namespace")
            .Returns<NamespaceDocument>(200, "The namespace.", Example).Refuses(404, "namespace-not-found");
        namespaces.MapPut("{namespace}", PutAsync).WithName("createNamespace").WithSummary("Create a namespace")
            .WithDescription("For administrators. A namespace that is there already is answered with 200; publishing into a new one creates it too.")
            .RequireAuthorization(AccessSetup.Write)
            .Returns<NamespaceDocument>(201, "The namespace is new.", Example).Returns<NamespaceDocument>(200, "It was there already.", Example)
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-invalid");
    }

    private static IResult List(string? cursor, int? limit, SnapshotFeed feed, RegistryUrls urls)
    {
        var page = PageQuery.Read("namespaces", cursor, limit);
        return Served.Json(page.Of(feed.Current.Namespaces.Where(space => page.After is null || string.CompareOrdinal(space, page.After) > 0),
            space => space, space => NamespaceDocument.From(space, urls)));
    }

    private static IResult Get(string @namespace, SnapshotFeed feed, RegistryUrls urls) => feed.Current.Namespaces.Contains(@namespace)
        ? Served.Json(NamespaceDocument.From(@namespace, urls))
        : Missing.Namespace(@namespace).ToResult();

    private static async Task<IResult> PutAsync(string @namespace, HttpContext context, RegistryDatabase database, RegistryUrls urls)
    {
        if (!Caller.Of(context).MayAdminister())
            return TokenAuthentication.NotAllowed.ToResult();
        if (!ComponentName.IsNamespace(@namespace))
            return Missing.BadNamespace(@namespace).ToResult();
        var isNew = await database.ChangeAsync(async change =>
        {
            var added = await change.UseNamespaceAsync(@namespace);
            if (added)
                change.Tell("namespace.created", @namespace, new { });
            return added;
        }, context.RequestAborted);
        var document = NamespaceDocument.From(@namespace, urls);
        return Served.Json(document) with { CreatedAt = isNew ? document.Links["self"] : null };
    }
}

/// <summary>Who owns components.</summary>
/// <param name="Links"><c>self</c> and <c>components</c>.</param>
public sealed record NamespaceDocument(string Name, IReadOnlyDictionary<string, string> Links)
{
    public static NamespaceDocument From(string space, RegistryUrls urls) => new(space, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["self"] = urls.Namespace(space),
        ["components"] = $"{urls.Base}/api/v1/components?namespace={space}",
    });
}
