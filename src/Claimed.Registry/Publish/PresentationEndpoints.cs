using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Publish;

/// <summary><c>PATCH …/components/{namespace}/{name}</c>: how a component shows itself.</summary>
public static class PresentationEndpoints
{
    private static readonly string[] Names = ["displayName", "description", "category", "group", "tags"];

    public static void MapPresentation(this IEndpointRouteBuilder routes) =>
        routes.MapPatch("/api/v1/components/{namespace}/{name}", PatchAsync).WithTags("Publish").WithName("changeComponent")
            .WithSummary("Change how a component shows itself")
            .WithDescription("A JSON merge patch: what is absent stays, null clears (name and description then are those of the highest version's source). "
                + "Versions and what clients download of them do not change. With `If-Match` only if the component is as it was read.")
            .Needs(Deed.Publish)
            .WithMetadata(new JsonRequest(typeof(ComponentPatchDocument), """{"category": "Transform", "tags": ["csv", "rows"]}"""))
            .Returns<ComponentDocument>(200, "The component as it now is.", Examples.Component)
            .Refuses(400, "bad-request", "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "component-not-found")
            .Refuses(412, "precondition-failed").Refuses(413, "body-too-large").Refuses(415, "not-json").Refuses(422, "bad-field", "invalid-component");

    private static async Task<IResult> PatchAsync(
        string @namespace, string name, HttpContext context, ComponentChanges changes, SnapshotFeed feed, RegistryUrls urls)
    {
        var patch = new ComponentPatch(await JsonBody.ReadAsync(context.Request, Names));
        await changes.RunAsync(@namespace, name, Conditions.Of(context.Request), Document, async (change, id) =>
        {
            var component = await change.Db.Components.SingleAsync(row => row.Id == id, change.Cancellation);
            await patch.ApplyAsync(change, component);
            Presentation.Tell(change, component, $"{@namespace}/{name}");
        }, context.RequestAborted);
        return Document(feed.Current.Find(@namespace, name)!);

        Served Document(ComponentEntry component) => Served.Json(ComponentDocument.From(component, urls));
    }

    /// <summary>A PATCH that was read and passes the checks of a publish.</summary>
    private sealed class ComponentPatch
    {
        private readonly JsonBody _asked;
        private readonly string? _displayName, _description, _category, _group;
        private readonly IReadOnlyList<string> _tags;

        public ComponentPatch(JsonBody asked)
        {
            _asked = asked;
            _displayName = asked.Text("displayName");
            _description = asked.Text("description", lines: true);
            _category = asked.Text("category");
            _group = asked.Text("group");
            _tags = [.. asked.Words("tags").Where(tag => tag.Length > 0)];
            if (_tags.Any(tag => tag.Contains(',')))
                throw JsonBody.Bad("tags", "has a comma in a tag; a publish separates tags by commas.");
            if (_tags.Sum(tag => tag.Length + 1) > JsonBody.MaxText)
                throw JsonBody.Bad("tags", $"has more than {JsonBody.MaxText} characters in all.");
            var findings = _category is null ? [] : ClientRenditions.CheckCategory(_category);
            if (findings.Any(finding => finding.Severity == Severity.Error))
                throw UploadRefusal.Findings(findings);
        }

        public async Task ApplyAsync(Change change, Component component)
        {
            if (_asked.Has("displayName"))
                component.DisplayName = _displayName ?? (await Presentation.DefinitionAsync(change, component.Id)).DisplayName;
            if (_asked.Has("description"))
                component.Description = _description ?? (await Presentation.DefinitionAsync(change, component.Id)).Description;
            if (_asked.Has("category"))
                component.Category = _category;
            if (_asked.Has("group"))
                component.GroupName = _group;
            if (_asked.Has("tags"))
                component.Tags = ReservedTags.Said(component, _tags);
        }
    }
}

/// <summary>What a PATCH of a component says: absent stays, null clears.</summary>
/// <param name="DisplayName">The name for people.</param>
/// <param name="Category">Palette category; Elyra shows 18 characters.</param>
/// <param name="Group">Group within the category.</param>
public sealed record ComponentPatchDocument(string? DisplayName, string? Description, string? Category, string? Group, IReadOnlyList<string>? Tags);
