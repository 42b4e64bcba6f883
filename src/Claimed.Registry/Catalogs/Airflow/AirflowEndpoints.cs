using System.Globalization;
using Claimed.Components.Wheels;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Wheels;

namespace Claimed.Registry.Catalogs.Airflow;

/// <summary><c>/catalogs/airflow</c>: wheels of operators, the index that pip installs them from, and what Elyra reads of them.</summary>
public static class AirflowEndpoints
{
    internal const string Root = "/catalogs/airflow";
    internal const string Simple = Root + "/simple/";
    internal const string Connector = "/catalogs/elyra/connector/";
    private const string Archive = "elyra-package.zip";
    private const string Instance = """{"display_name":"claimed","schema_name":"airflow-provider-package-catalog","metadata":{"description":"Components of claimed from https://registry.example.org","runtime_type":"APACHE_AIRFLOW","categories":["claimed"],"airflow_provider_package_download_url":"https://registry.example.org/catalogs/airflow/claimed/claimed_claimed-latest-py3-none-any.whl"}}""";
    private const string Files = """{"name":"claimed-claimed","meta":{"api-version":"1.1"},"versions":["1.42"],"files":[{"filename":"claimed_claimed-1.42-py3-none-any.whl","url":"/catalogs/airflow/claimed/claimed_claimed-1.42-py3-none-any.whl","hashes":{"sha256":"5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"},"requires-python":">=3.8","size":48213,"upload-time":"2026-01-05T10:00:00+00:00"}]}""";

    public static void MapAirflow(this IEndpointRouteBuilder routes)
    {
        var catalog = routes.MapGroup("").WithTags("Clients");
        catalog.MapMethods(Simple, Reading.Methods, List).BySight().WithName("listIndexProjects").WithSummary("List the projects of the index, for pip")
            .WithDescription("`pip install --index-url …/catalogs/airflow/simple/ claimed-{namespace}`. PEP 503 and, by `Accept`, PEP 691. A project for each namespace with a component that is ready, and Elyra's connector.")
            .Returns<IndexProjects>(200, "All projects.", """{"meta":{"api-version":"1.1"},"projects":[{"name":"claimed-claimed"},{"name":"claimed-elyra-connector"}]}""", SimpleIndex.Json, SimpleIndex.Html, SimpleIndex.OldHtml)
            .Refuses(406, "not-acceptable");
        catalog.MapMethods(Simple + "{project}/", Reading.Methods, ListFilesAsync).BySight().WithName("listIndexFiles").WithSummary("List the wheels of a project, for pip")
            .WithDescription("The wheel of what the namespace has now is made when it is first asked for; earlier ones that were listed or downloaded stay. Any spelling of the name that pip takes for the same finds it; the answer is never a redirect.")
            .Returns<IndexFiles>(200, "All files, newest first.", Files, SimpleIndex.Json, SimpleIndex.Html, SimpleIndex.OldHtml)
            .Refuses(404, "project-not-found").Refuses(406, "not-acceptable");
        catalog.MapMethods(Root + "/{namespace}/{file}", Reading.Methods, WheelAsync).BySight().WithName("getWheel").WithSummary("Download a wheel of operators")
            .WithDescription("`claimed_{namespace}-1.{n}-py3-none-any.whl` never changes; `claimed_{namespace}-latest-py3-none-any.whl` is the newest, for Elyra's catalog of provider packages. Strong ETag, ranges. The number in its `Content-Location` stays once somebody has listed or downloaded it, else until there is a newer one and a collection.")
            .Returns<string>(200, "The bytes.", "a zip archive", "application/octet-stream").Refuses(404, "file-not-found").Refuses(503, "blob-missing");
        catalog.MapMethods($"{Root}/{{namespace}}/{Archive}", Reading.Methods, ArchiveAsync).BySight().WithName("getElyraPackage").WithSummary("Download the operators for Elyra's catalog of Airflow packages")
            .WithDescription("That catalog takes nothing but classes that extend `BaseOperator` directly, so each hands its task to the operator of the wheel. It is no package: do not install it.")
            .Returns<string>(200, "The bytes.", "a zip archive", "application/zip").Refuses(404, "file-not-found").Refuses(503, "blob-missing");
        catalog.MapMethods(Root + "/{namespace}/elyra-provider.json", Reading.Methods, Provider).BySight().WithName("getElyraProviderCatalog").WithSummary("Download an Elyra catalog of the wheel")
            .WithDescription("An instance of Elyra's connector `airflow-provider-package-catalog`, to put into `share/jupyter/metadata/component-catalogs/`. Nodes of saved pipelines stay valid in later wheels.")
            .Returns<PackageCatalog>(200, "The instance.", Instance).Refuses(404, "namespace-not-found");
        catalog.MapMethods(Root + "/{namespace}/elyra-package.json", Reading.Methods, Package).BySight().WithName("getElyraPackageCatalog").WithSummary("Download an Elyra catalog of the archive")
            .WithDescription("An instance of Elyra's connector `airflow-package-catalog`.")
            .Returns<PackageCatalog>(200, "The instance.", Instance).Refuses(404, "namespace-not-found");
        catalog.MapMethods(Connector + "{file}", Reading.Methods, ConnectorFile).Open().WithName("getElyraConnector").WithSummary("Download Elyra's connector for this registry")
            .WithDescription("A wheel, also in the index as `claimed-elyra-connector`.")
            .Returns<string>(200, "The bytes.", "a zip archive", "application/octet-stream").Refuses(404, "file-not-found");
    }

    private static IResult List(HttpContext context, ConnectorWheel connector, RegistryUrls urls)
    {
        var view = CatalogView.Of(context);
        var spaces = view.Components.GroupBy(component => component.Namespace)
            .Where(space => SeesWhole(view, space.Key) && space.Any(component => component.Kind == ComponentKind.Component && component.Versions.Any(version => version is { IsReady: true, ExpiresAt: null })));
        var names = spaces.Select(space => $"claimed-{space.Key}").Append(connector.Info.Project).Order(StringComparer.Ordinal);
        return SimpleIndex.Answer(context, new IndexProjects(IndexMeta.Current, [.. names.Select(name => new IndexProject(name))]), PathOf(urls) + Simple);
    }

    private static async Task<IResult> ListFilesAsync(string project, HttpContext context, NamespaceWheels wheels, ConnectorWheel connector, RegistryUrls urls, CancellationToken cancellation)
    {
        var name = SimpleIndex.Normalized(project);
        if (name == connector.Info.Project)
            return SimpleIndex.Answer(context, new IndexFiles(name, IndexMeta.Current, [connector.Info.Version],
                [IndexFile.Of(connector.Info.FileName, PathOf(urls) + Connector + connector.Info.FileName, connector.Digest, connector.Info.RequiresPython, connector.Bytes.Length, null)]));
        var space = name.StartsWith("claimed-", StringComparison.Ordinal) ? name["claimed-".Length..] : "";
        var made = SeesWhole(CatalogView.Of(context), space) ? await wheels.OfAsync(space, cancellation) : [];
        if (made.Count == 0)
            return new Refusal(404, "project-not-found", "There is no such project.",
                $"The index has no \"{ShownText.Short(name)}\": a project is claimed- and a namespace that has a component which is ready. GET {Simple} lists all that you may see.").ToResult();
        return SimpleIndex.Answer(context, new IndexFiles(name, IndexMeta.Current,
            [.. made.Select(wheel => ProviderWheel.Info(space, wheel.Serial).Version)],
            [.. made.Select(wheel => IndexFile.Of(FileOf(space, wheel), $"{PathOf(urls)}{Root}/{space}/{FileOf(space, wheel)}", wheel.Digest, wheel.RequiresPython, wheel.Size, wheel.CreatedAt))]));
    }

    private static async Task<IResult> WheelAsync(
        string @namespace, string file, HttpContext context, NamespaceWheels wheels, IBlobStore blobs, RegistryUrls urls, CancellationToken cancellation)
    {
        if (!SeesWhole(CatalogView.Of(context), @namespace))
            return NoFile(@namespace, file);
        var isNewest = file == NewestOf(@namespace);
        if ((isNewest ? await wheels.NewestAsync(@namespace, cancellation) : await wheels.FindAsync(@namespace, wheel => FileOf(@namespace, wheel) == file, cancellation)) is not { } found)
            return NoFile(@namespace, file);
        if (isNewest)
            context.Response.Headers.ContentLocation = $"{urls.Base}{Root}/{@namespace}/{FileOf(@namespace, found)}";
        return new StoredFile(blobs, found.Digest, found.Size, "application/octet-stream", isNewest ? Served.Moving : Served.Immutable);
    }

    private static async Task<IResult> ArchiveAsync(string @namespace, HttpContext context, NamespaceWheels wheels, IBlobStore blobs, CancellationToken cancellation)
    {
        var newest = SeesWhole(CatalogView.Of(context), @namespace) ? await wheels.NewestAsync(@namespace, cancellation) : null;
        // The newest that a purge left may have given its archive away to the one that is gone.
        if (newest is not { PackageDigest: { Length: > 0 } digest })
            return NoFile(@namespace, Archive);
        var stored = await blobs.FindAsync(digest, cancellation) ?? throw BlobLostException.Missing(digest);
        return new StoredFile(blobs, digest, stored.Size, "application/zip", Served.Moving);
    }

    private static IResult Provider(string @namespace, HttpContext context, RegistryUrls urls) =>
        Catalog(@namespace, context, "provider", PackageCatalog.Provider(@namespace, urls.Base, $"{urls.Base}{Root}/{@namespace}/{NewestOf(@namespace)}"));

    private static IResult Package(string @namespace, HttpContext context, RegistryUrls urls) =>
        Catalog(@namespace, context, "package", PackageCatalog.Package(@namespace, urls.Base, $"{urls.Base}{Root}/{@namespace}/{Archive}"));

    /// <summary>Elyra names an instance that it imports by the file, so both have names of their own.</summary>
    private static IResult Catalog(string space, HttpContext context, string kind, PackageCatalog catalog)
    {
        var view = CatalogView.Of(context);
        return SeesWhole(view, space)
            ? Served.Json(catalog) with { ContentDisposition = $"attachment; filename=\"{space}-airflow-{kind}.json\"", Until = view.Freshness }
            : Missing.Namespace(ShownText.Short(space)).ToResult();
    }

    private static IResult ConnectorFile(string file, HttpContext context, ConnectorWheel connector) => file == connector.Info.FileName
        ? Bytes(context, connector.Bytes, connector.Digest, "application/octet-stream", Served.Immutable)
        : new Refusal(404, "file-not-found", "There is no such file.", $"The connector is {connector.Info.FileName}.").ToResult();

    /// <summary>The same of what this program carries.</summary>
    private static IResult Bytes(HttpContext context, byte[] bytes, string digest, string contentType, string cacheControl)
    {
        context.Response.Headers.CacheControl = Served.IsForOne(context) ? Served.ForOne(cacheControl) : cacheControl;
        return Results.Bytes(bytes, contentType, enableRangeProcessing: true, entityTag: ETags.Of(digest));
    }

    /// <summary>A wheel has all components of its namespace, so it is for those who see them all.</summary>
    private static bool SeesWhole(CatalogView view, string space) => view.Namespace(space) is { } entry
        && (!entry.IsPrivate || view.Catalog.Components.Values.Where(component => component.Namespace == space).All(component => view.Sees(component.Subject)));

    private static string FileOf(string space, StoredWheel wheel) => ProviderWheel.Info(space, wheel.Serial).FileName;

    /// <summary>Elyra takes the words before the first hyphen for the package's name, whatever follows; the nodes of its pipelines are named by it.</summary>
    internal static string NewestOf(string space) => string.Create(CultureInfo.InvariantCulture, $"{ProviderWheel.Package(space)}-latest-py3-none-any.whl");

    /// <summary>The path of the registry's address: links on the host that the client has come to, for which alone it has credentials.</summary>
    private static string PathOf(RegistryUrls urls) => new Uri(urls.Base).AbsolutePath.TrimEnd('/');

    private static IResult NoFile(string space, string file) => new Refusal(404, "file-not-found", "There is no such file.",
        $"There is no {ShownText.Short(file)} of {ShownText.Short(space)}; {Simple}claimed-{ShownText.Short(space)}/ lists the wheels that exist, {NewestOf(ShownText.Short(space))} is the newest, {Archive} is for Elyra.").ToResult();
}
