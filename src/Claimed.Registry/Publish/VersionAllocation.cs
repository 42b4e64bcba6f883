using Claimed.Components;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds;
using Claimed.Registry.Channels;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>What the transaction decided.</summary>
/// <param name="Row">The version: tracked, or (new and without a build) nowhere yet but here, for <see cref="Builds.ReadyVersions.InsertAsync"/>.</param>
/// <param name="IsNew">False when the component already had this bundle.</param>
/// <param name="Queued">The build that builders may take now; null where none is needed, or it waits until somebody asks for the version.</param>
internal sealed record Allocated(ComponentVersion Row, bool IsNew, long? Queued);

/// <summary>Decides, inside the publishing transaction, which version an upload becomes.</summary>
internal sealed class VersionAllocation(Change change, ImageStore images, string space, Candidate candidate, SemVersion? wanted, Deferral? deferral, string bundleBlob)
{
    public async Task<Allocated> RunAsync()
    {
        // The row first: a second publisher of this component waits here, on every database.
        var (component, versions) = await change.UseComponentAsync(space, candidate.Name);
        var (existing, number, isKnown, breaks) = await new VersionChoice(Subject, versions, candidate, wanted, DefinitionOfAsync).ChooseAsync();
        DemandKind(component, versions);
        if (candidate.Fields.Lifetime is not null && !number.IsPrerelease)
            throw PublishFields.Bad("expires", $"is for pre-releases, such as {number}-rc.1: {number} is a version that callers count on.");
        if (isKnown)
        {
            var known = await RowOfAsync(existing!);
            await AgainAsync(component, known);
            return new Allocated(known, IsNew: false, existing!.IsDeferred ? await DeferredAgainAsync(known) : null);
        }
        var row = existing is null ? NewRow(component, number) : await RowOfAsync(existing);
        if (existing is { IsDeferred: true })
            await EndDeferredAsync(row);
        Fill(row, breaks);
        change.Names(bundleBlob);
        component.UpdatedAt = change.Now;
        Presentation.FromVersion(component, candidate, isHighest: versions.All(other => SemVersion.Parse(other.Number, SemVersionStyles.Strict).ComparePrecedenceTo(number) <= 0));
        // With the events, at the end: nothing before them needs it, and to have the context ask what changed costs several times the statement.
        change.Last.Update(change.Db.Model, component);
        change.Db.Entry(component).State = EntityState.Unchanged;
        Build? build = null;
        // A component that was asked for once is brought on for those who use it.
        var waits = deferral is not null && !versions.Any(version => version.IsWanted);
        if (candidate.IsBuilt)
        {
            if (existing is null)
                change.Db.Versions.Add(row);
            var round = existing is null ? 1 : 1 + await change.Db.Builds.Where(other => other.VersionId == existing.Id).MaxAsync(other => (int?)other.Round, change.Cancellation) ?? 1;
            row.Builds.AddRange(BuildRows.Make(change, component.NamespaceId, round, candidate.Fields.Platform, candidate.BaseName, waits ? deferral : null));
            build = row.Builds[^1];
            // The event and the call to the builders name its number.
            await change.Db.SaveChangesAsync(change.Cancellation);
        }
        change.Tell("version.published", Subject, new { version = row.Number, bundle = row.BundleDigest, build = build?.Id, expiresAt = row.ExpiresAt });
        return new Allocated(row, IsNew: true, waits ? null : build?.Id);
    }

    /// <summary>Who sends known files to be built now asks for them; who lets them wait may expect something else of the build.</summary>
    private async Task<long?> DeferredAgainAsync(ComponentVersion known)
    {
        if (deferral is null)
            return await DeferredBuilds.QueueAsync(change, Subject, known.Number, known.Id);
        var (bytes, seconds) = (deferral.Estimate?.ImageBytes, deferral.Estimate?.Seconds);
        var changed = await change.Db.Builds.Where(build => build.VersionId == known.Id && build.State == BuildState.Deferred && (build.ExpectedBytes != bytes || build.ExpectedSeconds != seconds))
            .ExecuteUpdateAsync(set => set.SetProperty(build => build.ExpectedBytes, bytes).SetProperty(build => build.ExpectedSeconds, seconds), change.Cancellation);
        if (changed > 0)
            change.Tell("build.deferred", Subject, new { version = known.Number });
        return null;
    }

    /// <summary>Nobody asks for the files that others take the place of. With the component's row held nobody puts that build into the queue meanwhile.</summary>
    private Task EndDeferredAsync(ComponentVersion row) => change.Db.Builds.Where(build => build.VersionId == row.Id && build.State == BuildState.Deferred)
        .ExecuteUpdateAsync(set => set.SetProperty(build => build.State, BuildState.Cancelled).SetProperty(build => build.EndedAt, change.Now)
            .SetProperty(build => build.Reason, "Other files were published under the number before anyone asked for these."), change.Cancellation);

    private Task<ComponentVersion> RowOfAsync(HeldVersion version) => change.Db.Versions.SingleAsync(row => row.Id == version.Id, change.Cancellation);

    private async Task<Definition> DefinitionOfAsync(HeldVersion version) => DefinitionJson.Read((await change.Db.QueryAsync(
        $"""SELECT "Definition" FROM versions WHERE "Id" = {version.Id}""", row => row.GetString(0), change.Cancellation)).Single());

    private string Subject => $"{space}/{candidate.Name}";

    // The bundle is known, but what the publisher says beside it may be new: where the component stands and which channel means this version.
    private async Task AgainAsync(Component component, ComponentVersion known)
    {
        if (known.ExpiresAt <= change.Now)
            throw new RefusedException(new Refusal(409, "version-exists", "The version has expired.", $"{Subject} {known.Number} had these files until it expired. Its number is not used again: publish them as another version."));
        Presentation.FromFields(component, candidate.Fields);
        Presentation.Tell(change, component, Subject);
        var isBack = known.Withdrawn && await BackAsync(known);
        if (candidate.Fields.ChannelNames.Count == 0 && !isBack)
            return;
        foreach (var channel in candidate.Fields.ChannelNames)
            ChannelRows.DemandStays(Subject, channel, known);
        if (known.State != VersionState.Ready)
        {
            known.RequestedChannel = candidate.Fields.Channel;
            return;
        }
        foreach (var channel in candidate.Fields.ChannelNames)
            await ChannelRows.MoveAsync(change, Subject, channel, known);
        await ChannelTags.SettleAsync(change, images, component.Id, Subject);
    }

    /// <summary>Who deleted a version through a KFP client and now sends the same bytes wants it back. What a person had yanked before stays yanked.</summary>
    private async Task<bool> BackAsync(ComponentVersion known)
    {
        known.Withdrawn = false;
        if (known.YankReason == ComponentVersion.WithdrawnReason)
            (known.Yanked, known.YankReason) = (false, null);
        change.Tell(known.Yanked ? "version.yanked" : "version.unyanked", Subject, new { version = known.Number, reason = known.YankReason });
        await change.Db.SaveChangesAsync(change.Cancellation);
        return true;
    }

    /// <summary>What lists show of a component depends on its kind, and clients that use it read one kind alone.</summary>
    private void DemandKind(Component component, IReadOnlyList<HeldVersion> versions)
    {
        if (versions.Count == 0)
            component.Kind = candidate.Kind;
        else if (component.Kind != candidate.Kind)
            throw new RefusedException(new Refusal(409, "other-kind", "The name is taken by another kind.",
                $"{Subject} is a {component.Kind}, and this upload is a {candidate.Kind}: publish it under another name."));
    }

    private ComponentVersion NewRow(Component component, SemVersion number) => new()
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

    private void Fill(ComponentVersion row, IReadOnlyList<Finding> breaks)
    {
        var definition = DefinitionJson.Write(candidate.Definition);
        row.State = VersionState.Queued;
        row.Reason = null;
        row.BundleDigest = candidate.BundleDigest;
        row.BundleBlob = bundleBlob;
        row.Definition = definition;
        row.DefinitionDigest = Digest.Of(definition);
        row.Options = Json.Write(candidate.Fields.Shaping);
        row.Findings = Json.Write<IReadOnlyList<Finding>>([.. breaks, .. candidate.Findings]);
        row.RequestedChannel = candidate.Fields.Channel;
        row.ExpiresAt = candidate.Fields.Lifetime is { } life ? change.Now + (long)life.TotalMilliseconds : null;
        row.Repository = candidate.Fields.Repository;
        row.Revision = candidate.Fields.Revision;
        row.SourcePath = candidate.Fields.Path;
        row.Message = candidate.Fields.Message;
        row.PublishedBy = Actor.Current.Name;
        row.TrustRuleId = Actor.Current.TrustRuleId;
        row.TrustClaims = Actor.Current.TrustClaims;
    }
}
