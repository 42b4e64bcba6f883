using System.Text.Json.Nodes;
using Claimed.Registry.Publish;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Versions;

/// <summary>Takes what a purged version and its component said of themselves from where it stands beside the version.</summary>
internal static class PurgedTexts
{
    // What else events of a component hold is numbers, digests and names that have a grammar.
    private static readonly string[] Kept = ["version", "build", "attempt", "bundle", "image", "channel", "previous", "digests", "forms"];

    /// <summary>
    /// The component shows itself as its highest remaining version says, whatever publishers said beside their files: those texts may be what is
    /// to go. Events keep their facts and lose their texts.
    /// </summary>
    public static async Task RemoveAsync(Change change, long component, string subject)
    {
        var definition = await Presentation.DefinitionAsync(change, component);
        var row = await change.Db.Components.SingleAsync(row => row.Id == component, change.Cancellation);
        (row.DisplayName, row.Description) = (definition.DisplayName, definition.Description);
        (row.Category, row.GroupName, row.Tags) = (definition.Category, definition.Group, Http.Json.Write(definition.Tags));
        row.UpdatedAt = change.Now;
        foreach (var told in await change.Db.Events.AsTracking()
            .Where(told => told.Subject == subject && told.Kind != PurgedBytes.Event && !told.Kind.StartsWith(SnapshotFeed.ImageKinds)).ToListAsync(change.Cancellation))
            told.Payload = Facts(told.Payload);
        await change.Db.SaveChangesAsync(change.Cancellation);
    }

    private static string Facts(string payload)
    {
        var facts = JsonNode.Parse(payload)!.AsObject();
        foreach (var text in facts.Select(member => member.Key).Except(Kept, StringComparer.Ordinal).ToList())
            facts.Remove(text);
        return Http.Json.Write(facts);
    }
}
