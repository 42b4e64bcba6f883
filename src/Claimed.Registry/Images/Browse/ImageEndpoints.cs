using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;

namespace Claimed.Registry.Images.Browse;

/// <summary><c>/api/v1/images</c>: what lies in the image store, for people and scripts. Clients of containers use <c>/v2/</c>.</summary>
public static class ImageEndpoints
{
    private const string Deeper = "In a repository's name with more than two parts, write `%2F` for the slashes after the first.";

    public static void MapImageBrowsing(this IEndpointRouteBuilder routes)
    {
        var images = routes.MapGroup("/api/v1/images").WithTags("Images");
        images.MapMethods("", Reading.Methods, ListAsync).BySight().WithName("listRepositories").WithSummary("List repositories of images")
            .WithDescription("By name; filter by namespace, or by a part of the name (q). Follow `next` as `cursor` for more.")
            .Returns<Page<RepositoryDocument>>(200, "A page of repositories.", ImageExamples.Repositories).Refuses(400, "bad-query");
        images.MapMethods("{namespace}/{name}", Reading.Methods, GetAsync).BySight().WithName("getRepository").WithSummary("Read one repository").WithDescription(Deeper)
            .Returns<RepositoryDocument>(200, "The repository.", ImageExamples.Repository).Refuses(404, "repository-not-found");
        images.MapMethods("{namespace}/{name}/tags", Reading.Methods, TagsAsync).BySight().WithName("listImageTags").WithSummary("List the tags of a repository")
            .WithDescription($"By name, in the order of their characters. Follow `next` as `cursor` for more. {Deeper}")
            .Returns<Page<TagDocument>>(200, "A page of tags.", ImageExamples.Tags).Refuses(400, "bad-query").Refuses(404, "repository-not-found");
        images.MapMethods("{namespace}/{name}/manifests/{reference}", Reading.Methods, ImageAsync).BySight().WithName("getImage").WithSummary("Read one image")
            .WithDescription($"By tag or digest: layers, platforms, config, the versions that use it, and what refers to it, such as SBOMs and signatures. {Deeper}")
            .Returns<ImageDocument>(200, "The image.", ImageExamples.Image).Refuses(404, "repository-not-found", "image-not-found").Refuses(503, "blob-missing");
    }

    private static async Task<IResult> ListAsync(
        string? @namespace, string? q, string? cursor, int? limit, HttpContext context, ImageQueries images, Rights rights, CancellationToken cancellation)
    {
        var page = PageQuery.Read("images", cursor, limit);
        var caller = Caller.Of(context);
        var rows = await images.RepositoriesAsync(@namespace, q, page.After, name => rights.MayPull(caller, name), page.Limit + 1, cancellation);
        var shown = await images.DescribeAsync(rows, context.RequestAborted);
        return Served.Json(page.Of(shown, row => row.Name, row => row));
    }

    private static Task<IResult> GetAsync(string @namespace, string name, HttpContext context, ImageQueries images, CancellationToken cancellation) =>
        InRepositoryAsync(context, @namespace, name, images, async row => Served.Json((await images.DescribeAsync([row], cancellation))[0]), cancellation);

    private static Task<IResult> TagsAsync(
        string @namespace, string name, string? cursor, int? limit, HttpContext context, ImageQueries images, CancellationToken cancellation) =>
        InRepositoryAsync(context, @namespace, name, images, async row =>
        {
            var page = PageQuery.Read("image-tags", cursor, limit);
            return Served.Json(page.Of(await images.TagsAsync(row, page.After, page.Limit + 1, cancellation), tag => tag.Name, tag => tag));
        }, cancellation);

    private static Task<IResult> ImageAsync(
        string @namespace, string name, string reference, HttpContext context, ImageQueries images, ImageDescription description, CancellationToken cancellation) =>
        InRepositoryAsync(context, @namespace, name, images, async row =>
            await description.OfAsync(row, Decoded(reference), CatalogView.Of(context), cancellation) is { } document
                ? Served.Json(document)
                : new Refusal(404, "image-not-found", "There is no such image.", $"{row.Name} has no tag or manifest \"{Decoded(reference)}\"; GET /api/v1/images/{@namespace}/{name}/tags lists its tags.").ToResult(),
            cancellation);

    /// <summary>What the caller may not pull is not there.</summary>
    private static async Task<IResult> InRepositoryAsync(
        HttpContext context, string space, string name, ImageQueries images, Func<Database.Images.ImageRepository, Task<IResult>> answer, CancellationToken cancellation)
    {
        var repository = $"{space}/{Decoded(name)}";
        var rights = context.RequestServices.GetRequiredService<Rights>();
        return ImageNames.IsRepository(repository) && rights.MayPull(Caller.Of(context), repository) && await images.FindAsync(repository, cancellation) is { } row
            ? await answer(row)
            : new Refusal(404, "repository-not-found", "There is no such repository.", $"There is no repository \"{repository}\" that you may pull from; GET /api/v1/images lists them.").ToResult();
    }

    // Slashes stay encoded in the values of a route.
    private static string Decoded(string part) => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
