using Claimed.Components;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>What the transaction decided.</summary>
/// <param name="Row">The version, tracked.</param>
/// <param name="IsNew">False when the component already had this bundle.</param>
/// <param name="Build">The queued build, when one is needed.</param>
internal sealed record Allocated(ComponentVersion Row, bool IsNew, Build? Build);

/// <summary>Decides, inside the publishing transaction, which version an upload becomes.</summary>
internal sealed class VersionAllocation(Change change, string space, Candidate candidate, SemVersion? wanted, string bundleBlob)
{
    public async Task<Allocated> RunAsync()
    {
        var component = await ComponentAsync();
        var versions = await change.Db.Versions.Where(row => row.ComponentId == component.Id).ToListAsync(change.Cancellation);
        var existing = wanted is null ? Known(versions) : versions.Find(row => row.Number == wanted.ToString());
        if (existing is { } known && known.BundleDigest == candidate.BundleDigest)
            return new Allocated(known, IsNew: false, null);
        if (existing is { } taken && taken.State != VersionState.Failed)
            throw new RefusedException(Taken(component, taken));

        var newest = versions.MaxBy(row => Parse(row.Number), SemVersion.PrecedenceComparer);
        if (wanted is null && newest?.State == VersionState.Failed)
            existing = newest;
        var row = existing ?? NewRow(component, wanted ?? SemanticVersion.NextMinor(newest is null ? null : Parse(newest.Number)));
        Fill(row);
        change.Names(bundleBlob);
        Present(component, isHighest: newest is null || Parse(row.Number).ComparePrecedenceTo(Parse(newest.Number)) >= 0);
        Build? build = null;
        if (candidate.IsBuilt)
            row.Builds.Add(build = new Build { State = BuildState.Queued, QueuedAt = change.Now });
        await change.Db.SaveChangesAsync(change.Cancellation);
        change.Tell("version.published", $"{space}/{component.Name}",
            new { version = row.Number, bundle = row.BundleDigest, build = build?.Id });
        return new Allocated(row, IsNew: true, build);
    }

    private async Task<Component> ComponentAsync()
    {
        var owner = await change.Db.Namespaces.SingleOrDefaultAsync(row => row.Name == space, change.Cancellation);
        if (owner is null)
            change.Db.Namespaces.Add(owner = new Namespace { Name = space, CreatedAt = change.Now });
        // Writing the row first makes a second publisher of this component wait here, on every database.
        var locked = await change.Db.Components.Where(row => row.Namespace!.Name == space && row.Name == candidate.Name)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.UpdatedAt, change.Now), change.Cancellation);
        if (locked == 1)
            return await change.Db.Components.SingleAsync(row => row.Namespace!.Name == space && row.Name == candidate.Name, change.Cancellation);
        var component = new Component { Namespace = owner, Name = candidate.Name, CreatedAt = change.Now, UpdatedAt = change.Now };
        change.Db.Components.Add(component);
        await change.Db.SaveChangesAsync(change.Cancellation);
        return component;
    }

    private ComponentVersion? Known(List<ComponentVersion> versions) =>
        versions.Where(row => row.BundleDigest == candidate.BundleDigest).MaxBy(row => Parse(row.Number), SemVersion.PrecedenceComparer);

    private ComponentVersion NewRow(Component component, SemVersion number)
    {
        var row = new ComponentVersion
        {
            ComponentId = component.Id,
            Number = number.ToString(),
            State = VersionState.Queued,
            BundleDigest = "",
            BundleBlob = "",
            Definition = "",
            DefinitionDigest = "",
            Options = "",
            CreatedAt = change.Now,
        };
        change.Db.Versions.Add(row);
        return row;
    }

    private void Fill(ComponentVersion row)
    {
        var definition = DefinitionJson.Write(candidate.Definition);
        row.State = VersionState.Queued;
        row.Reason = null;
        row.BundleDigest = candidate.BundleDigest;
        row.BundleBlob = bundleBlob;
        row.Definition = definition;
        row.DefinitionDigest = Digest.Of(definition);
        row.Options = Json.Write(candidate.Fields.Shaping);
        row.Findings = Json.Write(candidate.Findings);
        row.RequestedChannel = candidate.Fields.Channel;
        row.Repository = candidate.Fields.Repository;
        row.Revision = candidate.Fields.Revision;
        row.SourcePath = candidate.Fields.Path;
        row.Message = candidate.Fields.Message;
    }

    // How the component shows itself follows its highest version, and whatever a publisher says outright.
    private void Present(Component component, bool isHighest)
    {
        var (definition, fields) = (candidate.Definition, candidate.Fields);
        if (isHighest)
        {
            component.DisplayName = definition.DisplayName;
            component.Description = definition.Description;
        }
        if (isHighest || fields.Category is not null)
            component.Category = definition.Category ?? component.Category;
        if (isHighest || fields.Group is not null)
            component.GroupName = definition.Group ?? component.GroupName;
        if (fields.Tags is not null || (isHighest && definition.Tags.Count > 0))
            component.Tags = Json.Write(definition.Tags);
    }

    private Refusal Taken(Component component, ComponentVersion version) => new(409, "version-exists",
        "This version exists with other content.",
        $"{space}/{component.Name} {version.Number} is {version.State} and was published from another bundle ({version.BundleDigest}). "
        + "A version never changes: publish the next one, or leave the version out and the registry takes the next minor.")
    { State = version.State };

    private static SemVersion Parse(string number) => SemVersion.Parse(number, SemVersionStyles.Strict);
}
