using System.Text.Json;
using Claimed.Components.Renditions;
using Claimed.Database;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Wheels;

/// <summary>What the wheel of a namespace is made from, and the number that names this state of it, on every node the same.</summary>
/// <param name="Serial">Of the last event that changed what is in the wheel; 0 when nothing ever was.</param>
internal sealed record NamespaceContent(long Serial, IReadOnlyList<OperatorVersion> Versions)
{
    /// <summary>The events after which a wheel is another.</summary>
    private static readonly string[] Kinds =
        ["version.ready", "version.yanked", "version.unyanked", "version.deprecated", "version.undeprecated", "version.rerendered", "version.purged"];

    /// <summary>The serial alone. Read from the events and never from when somebody asks.</summary>
    public static async Task<long> SerialAsync(RegistryContext db, long space, string name, CancellationToken cancellation)
    {
        var prefix = name + "/";
        // What goes by itself is in no wheel, and a pipeline is none of its components.
        var left = (await db.Versions.Where(row => row.Component!.NamespaceId == space && (row.ExpiresAt != null || row.Component.Kind != ComponentKind.Component))
            .Select(row => new { row.Component!.Name, row.Number }).ToListAsync(cancellation)).Select(row => (prefix + row.Name, row.Number)).ToHashSet();
        // The character after the slash: a range that the index over subjects has, whatever the database makes of a prefix.
        var end = name + "0";
        var events = db.Events.Where(row => string.Compare(row.Subject, prefix) > 0 && string.Compare(row.Subject, end) < 0 && Kinds.Contains(row.Kind)).OrderByDescending(row => row.Serial)
            .Select(row => new { row.Serial, row.Subject, row.Payload });
        await foreach (var entry in events.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (!left.Contains((entry.Subject, VersionOf(entry.Payload))))
                return entry.Serial;
        }
        return 0;
    }

    /// <summary>The content as of its serial: what changes while the rows are read has them read again.</summary>
    public static async Task<NamespaceContent> ReadAsync(RegistryContext db, long space, string name, RegistryUrls urls, CancellationToken cancellation)
    {
        for (var before = await SerialAsync(db, space, name, cancellation); ;)
        {
            var rows = await db.Versions.Where(row => row.Component!.NamespaceId == space && row.Component.Kind == ComponentKind.Component
                    && row.State == VersionState.Ready && row.ExpiresAt == null && row.Image != null)
                .Select(row => new { row.Component!.Name, row.Number, row.Definition, row.Image, row.BundleDigest, row.Yanked, row.Deprecated, row.Successor }).ToListAsync(cancellation);
            var after = await SerialAsync(db, space, name, cancellation);
            if (after == before)
                return new NamespaceContent(after, [.. rows.Select(row => new OperatorVersion(
                    new RenditionSource(DefinitionJson.Read(row.Definition), name, row.Name, row.Number, row.Image!, row.BundleDigest, urls.Version(name, row.Name, row.Number)),
                    row.Yanked, row.Deprecated, row.Successor))]);
            before = after;
        }
    }

    /// <summary>When a version became ready: wheels from then on have it. Null when it never did.</summary>
    public static async Task<long?> ReadyAsync(RegistryContext db, string subject, string number, CancellationToken cancellation) =>
        (await db.Events.Where(row => row.Subject == subject && row.Kind == Kinds[0]).OrderBy(row => row.Serial).Select(row => new { row.Serial, row.Payload }).ToListAsync(cancellation))
            .Find(row => VersionOf(row.Payload) == number)?.Serial;

    private static string VersionOf(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.TryGetProperty("version", out var version) ? version.GetString() ?? "" : "";
    }
}
