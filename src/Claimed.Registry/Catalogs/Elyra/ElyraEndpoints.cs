using System.Text;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary><c>/catalogs/elyra</c>: what Elyra imports, and what our own connector for it reads.</summary>
public static class ElyraEndpoints
{
    private const string ContentType = "application/json; charset=utf-8";

    private const string Instance =
        """
        "display_name":"claimed","schema_name":"url-catalog","metadata":{"description":"Components of claimed from https://registry.example.org","runtime_type":"KUBEFLOW_PIPELINES","categories":["claimed"],"paths":["https://registry.example.org/api/v1/components/claimed/filter-csv/versions/~1/elyra.yaml"]}
        """;

    private const string Whole = "{" + Instance +
        """
        ,"runtime":"kfp","serial":118,"entries":[{"namespace":"claimed","name":"filter-csv","major":1,"version":"1.2.0","title":"Filter CSV","category":"Transform","tags":["csv"],"newest":true,"digest":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","url":"https://registry.example.org/api/v1/components/claimed/filter-csv/versions/~1/elyra.yaml","definition":"name: Filter CSV\n"}]}
        """;

    private const string Choice = "`runtime` is `kfp` (the default) or `airflow`. `category` and `tag` take the components that have them; `channel` takes those that have that channel, and follows it. ";

    public static void AddElyraCatalog(this IServiceCollection services) => services.AddSingleton<ElyraCatalog>();

    public static void MapElyra(this IEndpointRouteBuilder routes)
    {
        var elyra = routes.MapGroup("/catalogs/elyra").WithTags("Clients");
        elyra.MapMethods("{namespace}/url-catalog.json", Reading.Methods, Import).BySight()
            .WithName("getElyraInstance").WithSummary("Download an Elyra catalog of a namespace, to be imported")
            .WithDescription("An instance of Elyra's own connector `url-catalog`: a snapshot; its description has the lines that import it and, later, a newer one. " + Choice
                + "Each URL moves within a major version (`~1`; `~0` before 1.0.0), so that a saved pipeline never meets a breaking change; `pinned=true` names exact versions instead. "
                + "The category in the palette is the one that was asked for, else the namespace. For `airflow`, an export to a DAG needs the operators in Elyra's list of available operators.")
            .Returns<UrlCatalog>(200, "The instance.", "{" + Instance + "}").Refuses(400, "bad-query").Refuses(404, "namespace-not-found");
        elyra.MapMethods("url-catalog.json", Reading.Methods, ImportAll).BySight()
            .WithName("getWholeElyraInstance").WithSummary("Download an Elyra catalog of all namespaces, to be imported")
            .WithDescription("As for one namespace, with all namespaces that the caller sees, under one category. " + Choice)
            .Returns<UrlCatalog>(200, "The instance.", "{" + Instance + "}").Refuses(400, "bad-query");
        elyra.MapMethods("{namespace}/catalog.json", Reading.Methods, CatalogAsync).BySight()
            .WithName("getElyraCatalog").WithSummary("Read the whole catalog of a namespace, for the Elyra connector of this registry")
            .WithDescription("Every component that Elyra can show, with the text of its definition, in one answer: of each major version what it means now. " + Choice
                + "`since` is the `serial` of an earlier answer: then only what has changed is in it, and `replaced` names the components whose earlier entries go. Who reads as someone else than before asks without it once. "
                + "Strong ETag for each encoding; gzip and brotli. The same document is an instance of `url-catalog`, as `url-catalog.json` is (`pinned` is about that part), and can be imported into Elyra as it is.")
            .Returns<ElyraCatalogDocument>(200, "The catalog.", Whole).Refuses(400, "bad-query").Refuses(404, "namespace-not-found");
        elyra.MapMethods("catalog.json", Reading.Methods, CatalogOfAllAsync).BySight()
            .WithName("getWholeElyraCatalog").WithSummary("Read the whole catalog of all namespaces, for the Elyra connector of this registry")
            .WithDescription("As for one namespace, with all namespaces that the caller sees. " + Choice)
            .Returns<ElyraCatalogDocument>(200, "The catalog.", Whole).Refuses(400, "bad-query");
        // A web server that serves files alone knows no queries.
        elyra.MapMethods("{namespace}/{runtime}/url-catalog.json", Reading.Methods, Import).BySight()
            .WithName("getElyraInstanceOfRuntime").WithSummary("Download an Elyra catalog of a namespace for one runtime, to be imported")
            .WithDescription("The same as `url-catalog.json?runtime=`, under a path of its own.")
            .Returns<UrlCatalog>(200, "The instance.", "{" + Instance + "}").Refuses(400, "bad-query").Refuses(404, "namespace-not-found");
        elyra.MapMethods("{namespace}/{runtime}/catalog.json", Reading.Methods, CatalogAsync).BySight()
            .WithName("getElyraCatalogOfRuntime").WithSummary("Read the whole catalog of a namespace for one runtime")
            .WithDescription("The same as `catalog.json?runtime=`, under a path of its own.")
            .Returns<ElyraCatalogDocument>(200, "The catalog.", Whole).Refuses(400, "bad-query").Refuses(404, "namespace-not-found");
        // No namespace has that name.
        elyra.MapMethods("/~/{runtime}/url-catalog.json", Reading.Methods, ImportAll).BySight()
            .WithName("getWholeElyraInstanceOfRuntime").WithSummary("Download an Elyra catalog of all namespaces for one runtime, to be imported")
            .WithDescription("The same as `url-catalog.json?runtime=`, under a path of its own.")
            .Returns<UrlCatalog>(200, "The instance.", "{" + Instance + "}").Refuses(400, "bad-query");
        elyra.MapMethods("/~/{runtime}/catalog.json", Reading.Methods, CatalogOfAllAsync).BySight()
            .WithName("getWholeElyraCatalogOfRuntime").WithSummary("Read the whole catalog of all namespaces for one runtime")
            .WithDescription("The same as `catalog.json?runtime=`, under a path of its own.")
            .Returns<ElyraCatalogDocument>(200, "The catalog.", Whole).Refuses(400, "bad-query");
    }

    private static IResult Import(
        string @namespace, string? runtime, string? category, string? tag, string? channel, string? pinned, HttpContext context, RegistryUrls urls)
    {
        var view = CatalogView.Of(context);
        if (view.Namespace(@namespace) is not { } space)
            return Missing.Components(@namespace).ToResult();
        var selection = ElyraSelection.Read(runtime, category, tag, channel, pinned);
        return Served.Json(selection.Of(space, view.InNamespace(@namespace), urls)) with { ContentDisposition = DispositionOf(selection, space), Until = view.Freshness };
    }

    private static IResult ImportAll(string? runtime, string? category, string? tag, string? channel, string? pinned, HttpContext context, RegistryUrls urls)
    {
        var view = CatalogView.Of(context);
        var selection = ElyraSelection.Read(runtime, category, tag, channel, pinned);
        return Served.Json(selection.Of(null, view.Components, urls)) with { ContentDisposition = DispositionOf(selection, null), Until = view.Freshness };
    }

    private static Task<IResult> CatalogAsync(
        string @namespace, string? runtime, string? category, string? tag, string? channel, string? pinned, long? since, HttpContext context, RegistryUrls urls,
        ElyraCatalog catalog, ComponentSerials serials, QuietBodies quiet, PlainTexts plain)
    {
        var view = CatalogView.Of(context);
        return view.Namespace(@namespace) is { } space
            ? AnswerAsync(ElyraSelection.Read(runtime, category, tag, channel, pinned), view, space, since, urls, catalog, serials, quiet, plain, context)
            : Task.FromResult(Missing.Components(@namespace).ToResult());
    }

    private static Task<IResult> CatalogOfAllAsync(
        string? runtime, string? category, string? tag, string? channel, string? pinned, long? since, HttpContext context, RegistryUrls urls,
        ElyraCatalog catalog, ComponentSerials serials, QuietBodies quiet, PlainTexts plain) =>
        AnswerAsync(ElyraSelection.Read(runtime, category, tag, channel, pinned), CatalogView.Of(context), null, since, urls, catalog, serials, quiet, plain, context);

    private static async Task<IResult> AnswerAsync(
        ElyraSelection selection, CatalogView view, NamespaceEntry? space, long? since, RegistryUrls urls,
        ElyraCatalog catalog, ComponentSerials serials, QuietBodies quiet, PlainTexts plain, HttpContext context)
    {
        var cancellation = context.RequestAborted;
        var key = ElyraCatalog.KeyOf(context.Features.Get<KeptPlace>(), space, selection, since);
        if (catalog.Find(key) is { } kept)
            return kept;
        if (since < 0)
            throw PageQuery.BadQuery($"since is {since}; use the serial of an earlier answer.");
        var components = (space is null ? view.Components : view.InNamespace(space.Name)).ToList();
        var isKnown = await serials.AreKnownAsync(cancellation);
        var last = isKnown ? components.Select(component => serials.Of(component.Subject)).Append(serials.OfNamespaces).Max() : view.Catalog.Serial;
        // An event is heard of before the catalog has it: what is told too early would be left out of the next answer.
        var serial = Math.Min(last, view.Catalog.Serial);
        // Who sees what may have changed with a namespace; then all of it is told again.
        var isChange = since is not null && isKnown && since >= serials.OfNamespaces && since <= serial;
        var changed = isChange ? components.Where(component => serials.Of(component.Subject) > since).Select(component => component.Subject).ToHashSet(StringComparer.Ordinal) : null;
        var head = new ElyraCatalogHead(selection.Of(space, components, urls), selection.Runtime.Name, serial, isChange ? since : null, changed);
        var entries = await catalog.EntriesAsync(selection, view, space, changed is null ? null : component => changed.Contains(component.Subject), cancellation);
        var top = Piece.Of(Encoding.UTF8.GetBytes(head.Write()));
        return catalog.Keep(key, new ServedPieces(entries.Between(top, ElyraCatalogHead.End), ContentType, quiet, plain)
        {
            ContentDisposition = DispositionOf(selection, space),
            Until = entries.IsWhole ? view.Freshness : null,
            OwnPieces = entries.OwnBytes + top.Deflated.Length,
        });
    }

    private static string DispositionOf(ElyraSelection selection, NamespaceEntry? space) => $"attachment; filename=\"{selection.FileName(space)}\"";
}

/// <summary>What stands before the entries.</summary>
internal sealed record ElyraCatalogHead(UrlCatalog Instance, string Runtime, long Serial, long? Since, IReadOnlySet<string>? Replaced)
{
    private const string Entries = "\"entries\":[]}";

    public static readonly Piece End = Piece.Of("]}"u8);

    public string Write()
    {
        var empty = Json.Write(new ElyraCatalogDocument(Instance.DisplayName, Instance.SchemaName, Instance.Metadata, Runtime, Serial, Since,
            Replaced?.Order(StringComparer.Ordinal).ToList(), []));
        return empty.EndsWith(Entries, StringComparison.Ordinal) ? empty[..^2] : throw new InvalidOperationException("The entries are not the last of the catalog's document.");
    }
}
