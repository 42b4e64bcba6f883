using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Reads;

/// <summary><c>GET …/versions/{version}/reads</c>: who uses a version. A document of its own, so that counting changes nothing of the version's and its tag.</summary>
public static class ReadEndpoints
{
    private const string Example = """
        {"total": 42, "last30Days": 12, "clients": [{"client": "kfp", "total": 30, "last30Days": 9}, {"client": "docker", "total": 12, "last30Days": 3}],
         "days": [{"day": "2026-01-05", "count": 12}]}
        """;

    public static void MapReads(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/components/{namespace}/{name}/versions/{version}/reads", Reading.Methods, GetAsync).BySight().WithTags("Catalog").WithName("getReads")
            .WithSummary("Read how often a version is used")
            .WithDescription("Reads of its document and its forms and pulls of its image, by client and day (UTC); a client that asks and has the bytes counts, HEAD does not. "
                + "Clients are told by what they ask for and by the kind of their name, of which nothing is kept. Counts are stored every few seconds. One exact version.")
            .Returns<ReadsDocument>(200, "The counts.", Example)
            .Refuses(400, "bad-reference").Refuses(404, "component-not-found", "version-not-found").Refuses(410, "version-purged").Refuses(503, "database-unreachable");

    private static async Task<IResult> GetAsync(string @namespace, string name, string version, HttpContext context, RegistryDatabase database, TimeProvider clock, CancellationToken cancellation)
    {
        var (_, found) = ExactVersion.Find(context, @namespace, name, version, "Reads are counted", clock);
        var rows = await database.ReadAsync(db => ReadRows.OfAsync(db, found.Id, cancellation), cancellation);
        return Served.Json(ReadsDocument.From(rows, clock.GetUtcNow().ToUnixTimeMilliseconds()));
    }
}
