using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>How a component shows itself: as its highest version says, and as a publisher says outright.</summary>
internal static class Presentation
{
    public static void FromVersion(Component component, Candidate candidate, bool isHighest)
    {
        var (definition, fields) = (candidate.Definition, candidate.Fields);
        if (isHighest)
        {
            component.DisplayName = definition.DisplayName;
            component.Description = definition.Description;
            component.Category = definition.Category ?? component.Category;
            component.GroupName = definition.Group ?? component.GroupName;
            if (definition.Tags.Count > 0)
                component.Tags = ReservedTags.FromSource(component, definition.Tags);
        }
        FromFields(component, fields);
    }

    /// <summary>What the form fields of a publish say, those that were given.</summary>
    public static void FromFields(Component component, PublishFields fields)
    {
        component.DisplayName = fields.DisplayName ?? component.DisplayName;
        component.Category = fields.Category ?? component.Category;
        component.GroupName = fields.Group ?? component.GroupName;
        if (fields.Tags is not null)
            component.Tags = ReservedTags.Said(component, fields.Tags);
    }

    /// <summary>Tells of a change of the tracked row, when there is one.</summary>
    public static void Tell(Change change, Component component, string subject)
    {
        if (change.Db.Entry(component).State != EntityState.Modified)
            return;
        component.UpdatedAt = change.Now;
        change.Tell("component.changed", subject, new
        {
            displayName = component.DisplayName,
            description = component.Description,
            category = component.Category,
            group = component.GroupName,
            tags = Json.Read<string[]>(component.Tags),
        });
    }

    /// <summary>What the source of the highest version says of itself; of those that were not purged, if there are any.</summary>
    public static async Task<Definition> DefinitionAsync(Change change, long component)
    {
        var rows = await change.Db.Versions.Where(row => row.ComponentId == component).Select(row => new { row.Number, row.PurgedAt }).ToListAsync(change.Cancellation);
        var highest = rows.OrderBy(row => row.PurgedAt is null).ThenBy(row => SemVersion.Parse(row.Number, SemVersionStyles.Strict), SemVersion.PrecedenceComparer).Last().Number;
        return DefinitionJson.Read(await change.Db.Versions.Where(row => row.ComponentId == component && row.Number == highest)
            .Select(row => row.Definition).SingleAsync(change.Cancellation));
    }
}
