using Claimed.Database.Builds;
using Claimed.Registry.Access;
using Claimed.Registry.Http;

namespace Claimed.Registry.Builds;

/// <summary><c>/api/v1/builders</c>: who builds, with which engine, and what keeps it from doing so.</summary>
public static class BuilderEndpoints
{
    private const string Example = """
        {"items": [{"name": "builder-1/7", "engine": "docker 20.10.24 linux/amd64", "platforms": ["linux/amd64"], "health": "ok", "running": 1, "concurrency": 2,
          "startedAt": "2026-11-28T10:00:00Z", "seenAt": "2026-11-28T10:05:00Z"}]}
        """;

    public static void MapBuilders(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/builders", Reading.Methods, List).NeedsSignIn().WithTags("Builds").WithName("listBuilders").WithSummary("List the builders that are alive")
            .WithDescription("Each with its container engine and the platforms that it makes images for. One whose `health` is not `ok` takes no builds; `fault` says why.")
            .Returns<BuilderListDocument>(200, "The builders.", Example).Refuses(401, "unauthorized");

    private static IResult List(BuilderRoll roll) => Served.Json(new BuilderListDocument([.. roll.Alive.Select(BuilderDocument.From)]));
}

/// <summary>The builders that gave a sign within the time of a lease.</summary>
public sealed record BuilderListDocument(IReadOnlyList<BuilderDocument> Items);

/// <summary>A process that builds.</summary>
/// <param name="Name">Machine and process.</param>
/// <param name="Engine">Its container engine; absent while none answers.</param>
/// <param name="Platforms">What it makes images for.</param>
/// <param name="Health"><c>ok</c>, or <c>waiting</c>: it takes no builds.</param>
/// <param name="Fault">Why it takes none.</param>
/// <param name="Running">Builds that it has under way.</param>
/// <param name="Concurrency">Builds that it takes at the same time.</param>
public sealed record BuilderDocument(
    string Name, string? Engine, IReadOnlyList<string> Platforms, string Health, string? Fault, int Running, int Concurrency, DateTimeOffset StartedAt, DateTimeOffset SeenAt)
{
    public static BuilderDocument From(BuilderNode node) => new(node.Name, node.Engine, Json.Read<string[]>(node.Platforms), node.Fault is null ? "ok" : "waiting", node.Fault,
        node.Running, node.Concurrency, DateTimeOffset.FromUnixTimeMilliseconds(node.StartedAt), DateTimeOffset.FromUnixTimeMilliseconds(node.SeenAt));
}
