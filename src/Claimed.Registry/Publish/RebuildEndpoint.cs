using Claimed.Registry.Access;
using Claimed.Registry.Http;

namespace Claimed.Registry.Publish;

/// <summary><c>POST /api/v1/builds/rebuild?base=…</c>: what stands on a base image, published anew.</summary>
public static class RebuildEndpoint
{
    private const string Example = """
        {"items": [{"namespace": "acme", "name": "filter", "from": "1.4.0", "version": "1.4.1"},
          {"namespace": "acme", "name": "train", "from": "2.0.0", "reason": "2.1.0 is being built."}]}
        """;

    public static void MapRebuild(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/builds/rebuild", RunAsync).NeedsSignIn().WithTags("Builds").WithName("rebuild").WithSummary("Publish what stands on a base image anew")
            .WithDescription("For a base image that has moved, such as one with security fixes: of each component where the caller may publish, the highest version of each major that was built on `base` "
                + "is published again as the next patch version, since a ready version never changes. `namespace` limits it to one; with `dryRun=true` nothing is published. "
                + "Engines fetch the tag anew for it where a registry has it.")
            .Returns<RebuildDocument>(202, "What was published, and what was not.", Example).Returns<RebuildDocument>(200, "What would be, of a dry run.", Example)
            .Refuses(400, "bad-query").Refuses(401, "unauthorized");

    private static async Task<IResult> RunAsync(string? @base, string? @namespace, bool? dryRun, HttpContext context, Rebuilding rebuilding, RegistryUrls urls)
    {
        if (string.IsNullOrWhiteSpace(@base) || @base.Length > JsonBody.MaxText)
            return PageQuery.BadQuery("base is missing: name the base image as Dockerfiles do, such as ?base=python:3.12-slim, or its digest.").Refusal.ToResult();
        var items = await rebuilding.RunAsync(@base.Trim(), @namespace, dryRun == true, Caller.Of(context), dryRun == true ? context.RequestAborted : CancellationToken.None);
        var document = new RebuildDocument([.. items.Select(item => new RebuiltDocument(item.Space, item.Name, item.From.ToString(), item.Version?.ToString(), item.Refusal,
            item.Version is { } version && dryRun != true ? urls.Version(item.Space, item.Name, version.ToString()) : null))]);
        return dryRun == true ? Results.Ok(document) : Results.Accepted(null, document);
    }
}

/// <summary>What a rebuild published.</summary>
public sealed record RebuildDocument(IReadOnlyList<RebuiltDocument> Items);

/// <summary>One version.</summary>
/// <param name="From">The version whose files it has.</param>
/// <param name="Version">The new version; absent when it was not published.</param>
/// <param name="Reason">Why it was not.</param>
/// <param name="Url">The new version's document.</param>
public sealed record RebuiltDocument(string Namespace, string Name, string From, string? Version, string? Reason, string? Url);
