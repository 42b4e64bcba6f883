using System.Data.Common;
using Claimed.Database;
using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>What a builder brings to the queue.</summary>
/// <param name="Engine">Kind and version of its engine, for people.</param>
/// <param name="Platforms">What the engine makes images for; builds for others are left to others.</param>
/// <param name="Holds">Whether the engine has a base image; of builds whose turn it is, those are taken first.</param>
public sealed record BuilderOffer(string Engine, IReadOnlyList<string> Platforms, Func<string, bool> Holds)
{
    public BuilderOffer(string engine, params string[] platforms)
        : this(engine, platforms, _ => false)
    {
    }
}

/// <summary>A row that a builder may try to take.</summary>
internal sealed record DueBuild(
    long Id, long Fence, long VersionId, int Attempt, string? TraceParent, string? Platform, string? BaseName, long NamespaceId, string Space, string Name, string Number,
    string? NamespaceLimits);

/// <summary>
/// Whose turn it is. The namespace with the fewest builds under way comes first, then the one that has waited longest since its last build
/// began, so that a thousand builds of one namespace delay another by one build at most. Within a namespace it is the oldest build, unless
/// the engine has the base image of one of the next.
/// </summary>
internal sealed class BuildTurns(IOptions<BuildOptions> options)
{
    /// <summary>How many of the next builds of a namespace are looked at for a base image that is there.</summary>
    private const int LooksAhead = 16;

    /// <summary>A build that has waited this long is not overtaken for the sake of a base image any more.</summary>
    private static readonly TimeSpan MostOvertaken = TimeSpan.FromMinutes(2);

    /// <summary>A pause that ends later than this was set by a clock that is ahead, or this one has been set back: it is over.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private sealed record Turn(long Namespace, long Running, string? Limits);

    /// <summary>The build whose turn it is; null when none is due that this builder may make.</summary>
    public async Task<DueBuild?> NextAsync(RegistryContext db, BuilderOffer offer, long now, CancellationToken cancellation)
    {
        foreach (var turn in await TurnsAsync(db, offer, now, cancellation))
        {
            if (turn.Running >= EffectiveLimits.Of(turn.Limits, options.Value).Concurrency)
                continue;
            if (await OfNamespaceAsync(db, turn.Namespace, offer, now, cancellation) is { } due)
                return due;
        }
        return null;
    }

    /// <summary>Whether the namespace has room for one more; called with the row taken, by one builder at a time.</summary>
    public async Task<bool> FitsAsync(Change change, DueBuild due)
    {
        var most = EffectiveLimits.Of(due.NamespaceLimits, options.Value).Concurrency;
        // Two that take the last place at the same moment would not see each other.
        if (change.Db.Database.IsNpgsql())
            await change.Db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('builds', {due.NamespaceId}))", change.Cancellation);
        return await change.Db.Builds.CountAsync(build => build.State == BuildState.Building && build.NamespaceId == due.NamespaceId, change.Cancellation) <= most;
    }

    private static async Task<List<Turn>> TurnsAsync(RegistryContext db, BuilderOffer offer, long now, CancellationToken cancellation)
    {
        var text = new StatementText();
        var isDue = Due(text, offer, now);
        text.Add($"""
            SELECT "Id", "Running", "BuildLimits" FROM (
                SELECT n."Id", n."BuildLimits",
                    (SELECT q."Id" FROM builds q WHERE q."State" = 'queued' AND q."NamespaceId" = n."Id" AND {isDue}
                        ORDER BY q."Id" LIMIT 1) AS "First",
                    (SELECT count(*) FROM builds r WHERE r."State" = 'building' AND r."NamespaceId" = n."Id") AS "Running",
                    (SELECT max(s."StartedAt") FROM builds s WHERE s."NamespaceId" = n."Id") AS "Served"
                FROM namespaces n) AS turns
            WHERE "First" IS NOT NULL ORDER BY "Running", coalesce("Served", 0), "First"
            """);
        return await db.QueryAsync(text.Whole, row => new Turn(row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetString(2)), cancellation);
    }

    private static async Task<DueBuild?> OfNamespaceAsync(RegistryContext db, long space, BuilderOffer offer, long now, CancellationToken cancellation)
    {
        var text = new StatementText();
        var isDue = Due(text, offer, now);
        text.Add($"""
            SELECT q."Id", q."Fence", q."VersionId", q."Attempt", q."TraceParent", q."Platform", q."BaseName", q."NamespaceId", n."Name", c."Name", v."Number", n."BuildLimits", q."QueuedAt"
            FROM builds q JOIN versions v ON v."Id" = q."VersionId" JOIN components c ON c."Id" = v."ComponentId" JOIN namespaces n ON n."Id" = c."NamespaceId"
            WHERE q."State" = 'queued' AND q."NamespaceId" = {text.Value(space)} AND {isDue}
            ORDER BY q."Id" LIMIT {LooksAhead}
            """);
        var next = await db.QueryAsync(text.Whole, row => (Build: Read(row), QueuedAt: row.GetInt64(12)), cancellation);
        if (next is [])
            return null;
        var mayOvertake = now - next[0].QueuedAt < MostOvertaken.TotalMilliseconds;
        return (mayOvertake ? next.Select(one => one.Build).FirstOrDefault(build => build.BaseName is { } name && offer.Holds(name)) : null) ?? next[0].Build;
    }

    private static string Due(StatementText text, BuilderOffer offer, long now)
    {
        var platforms = offer.Platforms.Count == 0 ? "" : $" OR q.\"Platform\" IN ({string.Join(", ", offer.Platforms.Select(text.Value))})";
        return $"""
            (q."NotBefore" <= {text.Value(now)} OR q."NotBefore" > {text.Value(now + (long)LongestPause.TotalMilliseconds)}) AND (q."Platform" IS NULL{platforms})
            """;
    }

    private static DueBuild Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), Text(row, 4), Text(row, 5), Text(row, 6), row.GetInt64(7), row.GetString(8), row.GetString(9),
        row.GetString(10), Text(row, 11));

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
