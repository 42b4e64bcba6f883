using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Pages;

/// <summary>The pages for people: the catalog, one page per component, and their style sheet and script.</summary>
public static class PagesSetup
{
    public static void AddPages(this IServiceCollection services)
    {
        services.AddSingleton<PageWriter>();
        services.AddSingleton<PageAssets>();
        services.AddSingleton<CatalogPages>();
    }

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription().BySight();
        pages.MapMethods("/", Reading.Methods, CatalogAsync);
        pages.MapMethods("/components/{space}", Reading.Methods, NamespaceAsync);
        pages.MapMethods("/components/{space}/{name}", Reading.Methods, ComponentAsync);
        pages.MapMethods("/findings", Reading.Methods, FindingsAsync);
        pages.MapMethods("/assets/{file}", Reading.Methods, Asset);
        routes.MapSignIn();
        routes.MapAccount();
    }

    private static Task<IResult> CatalogAsync(HttpContext context, CatalogPages pages) => pages.WriteAsync(context, null, context.RequestAborted);

    private static Task<IResult> NamespaceAsync(string space, HttpContext context, PageWriter writer, CatalogPages pages) => CatalogView.Of(context).Namespace(space) is not null
        ? pages.WriteAsync(context, space, context.RequestAborted)
        : MissingAsync(context, writer, $"There is no namespace {space} in this registry.");

    private static async Task<IResult> ComponentAsync(string space, string name, string? version, HttpContext context, PageWriter writer, ShownReads reads, TimeProvider clock)
    {
        if (CatalogView.Of(context).Find(space, name) is not { Shown: { } newest } component)
            return await MissingAsync(context, writer, $"There is no component {space}/{name} in this registry.");
        var shown = version is null ? newest : Find(component, version);
        if (shown?.HasExpired(clock) == true)
            return await MissingAsync(context, writer, $"{space}/{name} {shown.Number} was a pre-release and has expired, as its publisher had said.", $"/components/{space}", StatusCodes.Status410Gone);
        if (shown is { State: VersionState.Purged })
            return await MissingAsync(context, writer, $"An administrator removed what {space}/{name} {shown.Number} held: {shown.Reason}", $"/components/{space}/{name}", StatusCodes.Status410Gone);
        return shown is null
            ? await MissingAsync(context, writer, $"{space}/{name} has no version {version}.", $"/components/{space}/{name}")
            : await writer.WriteAsync<ComponentPage>(context, new()
            {
                [nameof(ComponentPage.Component)] = component,
                [nameof(ComponentPage.Version)] = shown,
                [nameof(ComponentPage.Reads)] = await reads.OfAsync(shown.Id, context.RequestAborted),
            });
    }

    private static Task<IResult> FindingsAsync(HttpContext context, PageWriter writer) => writer.WriteAsync<FindingsPage>(context, []);

    private static IResult Asset(string file, PageAssets assets) => assets.Find(file) ?? Results.NotFound();

    private static VersionEntry? Find(ComponentEntry component, string text) =>
        SemanticVersion.TryParse(text, out var number) ? component.Find(number)
        : component.Channel(text) is { } channel ? component.Find(channel.Version)
        : null;

    private static Task<IResult> MissingAsync(HttpContext context, PageWriter writer, string message, string back = "/", int status = StatusCodes.Status404NotFound) => writer.WriteAsync<MissingPage>(context, new()
    {
        [nameof(MissingPage.Message)] = message,
        [nameof(MissingPage.Back)] = back,
    }, status);
}
