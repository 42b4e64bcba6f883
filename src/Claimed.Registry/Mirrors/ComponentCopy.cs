using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds;
using Claimed.Registry.Channels;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Publish;
using Claimed.Registry.Storage;
using Claimed.Registry.Versions;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Mirrors;

/// <summary>
/// Makes one component what it is at the origin. It compares what both have and does what is missing, so that doing it again, or beginning anew after a
/// kill, does nothing twice. Versions that people published here are never touched.
/// </summary>
internal sealed class ComponentCopy(
    Origin origin, SpaceCopy spaces, VersionCopy versions, FormCopy forms, ReadyVersions ready, ImageStore images, VersionPurge purge, RegistryDatabase database, IBlobStore blobs)
{
    private const long MostRecord = 64 << 20;

    /// <param name="serial">The event that the origin's answers must know of.</param>
    /// <param name="dropped">Channels that were deleted at the origin since the last look.</param>
    /// <returns>Whether all of it could be done; what could not, was told.</returns>
    public async Task<bool> RunAsync(string space, string name, long serial, IReadOnlyCollection<string> dropped, MirrorReport report, CancellationToken cancellation)
    {
        var subject = $"{space}/{name}";
        try
        {
            var record = await origin.JsonAsync<ComponentRecord>($"api/v1/components/{space}/{name}/record.json?serial={serial}", MostRecord, cancellation);
            RecordCheck.Component(record, space, name);
            return await FollowAsync(record, subject, serial, dropped, report, cancellation);
        }
        catch (NotThereException)
        {
            // It is not shown any more. What was copied stays.
            return true;
        }
        catch (RefusedCopyException refused)
        {
            report.Refuse(subject, refused.Message);
            return false;
        }
        // Whatever this program trips over in what another one says: the other components still come, and this one is tried again.
        catch (Exception odd) when (odd is not (OriginAwayException or OperationCanceledException or OutOfMemoryException) && !StorageFaults.MayPass(odd))
        {
            report.Refuse(subject, $"{odd.GetType().Name}: {RecordCheck.Shown(odd.Message)}");
            return false;
        }
    }

    private async Task<bool> FollowAsync(ComponentRecord record, string subject, long serial, IReadOnlyCollection<string> dropped, MirrorReport report, CancellationToken cancellation)
    {
        var here = await HereAsync(record, cancellation);
        var wanted = record.Versions.Where(version => version.State == VersionState.Ready || (version.State == VersionState.Purged && here.Versions.ContainsKey(version.Version)))
            .OrderBy(version => SemVersion.Parse(version.Version, SemVersionStyles.Strict), SemVersion.PrecedenceComparer).ToList();
        if (wanted.Count == 0)
            return true;
        // Before anything of it can be seen here.
        await spaces.UseAsync(record.Namespace, record.Visibility == "private", cancellation);
        if (here.Component is { } component && here.Versions.Count > 0 && component.Kind != record.Kind)
            throw new RefusedCopyException($"it is a {component.Kind} here, and a {record.Kind} at the origin");
        var whole = true;
        foreach (var facts in wanted)
        {
            try
            {
                await VersionAsync(record, subject, facts, here, serial, report, cancellation);
            }
            // The store's own refusals, too: a quota, a blob that is lost here.
            catch (Exception refused) when (refused is RefusedCopyException or OciRefusedException or RefusedException or BlobLostException)
            {
                whole = false;
                report.Refuse($"{subject} {facts.Version}", refused.Message);
            }
        }
        await SettleAsync(record, subject, dropped, report, cancellation);
        return whole;
    }

    private async Task VersionAsync(ComponentRecord record, string subject, VersionFacts facts, Here here, long serial, MirrorReport report, CancellationToken cancellation)
    {
        var row = here.Versions.GetValueOrDefault(facts.Version);
        if (row is null)
        {
            if (facts.ExpiresAt is { } over && over.ToUnixTimeMilliseconds() <= report.Now)
                return;
            if (await versions.RunAsync(record, facts, serial, report.Say, cancellation))
                report.Copied++;
        }
        else if (facts.State == VersionState.Purged)
        {
            await PurgeAsync(record, subject, facts, row, report);
        }
        else if (row.State == VersionState.Purged)
        {
            // Removed here, for whatever reason: it does not come back.
        }
        else if (row.BundleDigest != facts.BundleDigest)
        {
            throw new RefusedCopyException($"the number is taken here by other content, with the bundle digest {row.BundleDigest}; at the origin it is {facts.BundleDigest}. What is here stays");
        }
        else if (row.State != VersionState.Ready)
        {
            throw new RefusedCopyException($"the same files were published here, and that version is {row.State}. What is here stays");
        }
        else if (IsCopy(row, facts))
        {
            await FormsAsync(record, subject, facts, row, report, cancellation);
        }
    }

    /// <summary>Whether a row is what the origin has. Published here from the same files, it may have been built here, and runs another image.</summary>
    private static bool IsCopy(ComponentVersion row, VersionFacts facts) => row.State == VersionState.Ready && row.BundleDigest == facts.BundleDigest && row.ImageDigest == facts.ImageDigest;

    /// <summary>What of this registry is compared; the rows are not tracked, and those of versions have their forms.</summary>
    private sealed record Here(Component? Component, IReadOnlyDictionary<string, ComponentVersion> Versions);

    private Task<Here> HereAsync(ComponentRecord record, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var component = await db.Components.Include(row => row.Versions).ThenInclude(row => row.Renditions).AsSplitQuery()
            .SingleOrDefaultAsync(row => row.Name == record.Name && row.Namespace!.Name == record.Namespace, cancellation);
        return new Here(component, (component?.Versions ?? []).ToDictionary(row => row.Number, StringComparer.Ordinal));
    }, cancellation);

    /// <summary>Only what came from there goes: the digests of its forms stay with it, here and there.</summary>
    private async Task PurgeAsync(ComponentRecord record, string subject, VersionFacts facts, ComponentVersion row, MirrorReport report)
    {
        // One that expired there expires here, by this registry's clock.
        if (row.State == VersionState.Purged || facts.ExpiresAt is not null || !FormCopy.Of(facts).Any(form => row.Renditions.Exists(one => one.Form == form.Form && one.Digest == form.Digest)))
            return;
        try
        {
            await purge.RunAsync(record.Namespace, record.Name, row.Number, facts.Reason ?? $"It was purged at {origin.Host}.");
            report.Change($"{subject} {row.Number}: purged");
        }
        catch (RefusedException refused)
        {
            throw new RefusedCopyException($"it was purged at the origin and is not here: {refused.Refusal.Detail}");
        }
    }

    /// <summary>Forms that the origin has rendered anew, and behind them this registry's.</summary>
    private async Task FormsAsync(ComponentRecord record, string subject, VersionFacts facts, ComponentVersion row, MirrorReport report, CancellationToken cancellation)
    {
        bool IsHere(IEnumerable<Rendition> rows, RenditionFacts form) => rows.Any(one => one.Form == form.Form && one.Digest == form.Digest);
        var missing = FormCopy.Of(facts).Where(form => !IsHere(row.Renditions, form)).OrderBy(form => form.Revision).ToList();
        if (missing.Count == 0)
            return;
        await forms.FetchAsync(record.Namespace, record.Name, missing, cancellation);
        var original = row.Renditions.Where(one => one.Form == RenditionForm.Original).MaxBy(one => one.Revision);
        ReadOnlyMemory<byte>? upload = original is null ? null : await blobs.ReadAllAsync(original.Digest, cancellation);
        var own = row.Image is null ? [] : await ready.RenderAsync(
            ready.SourceOf(record.Namespace, record.Name, row.Number, DefinitionJson.Read(row.Definition), row.Image, row.BundleDigest), null, upload, cancellation);
        var added = await database.ChangeAsync(async change =>
        {
            await change.LockComponentAsync(row.ComponentId);
            var now = await change.Db.Renditions.Where(one => one.VersionId == row.Id).ToListAsync(change.Cancellation);
            int Next(string form) => now.Where(one => one.Form == form).Max(one => (int?)one.Revision) + 1 ?? 1;
            var theirs = missing.Where(form => !IsHere(now, form)).Select(form => (form.Form, form.Digest, form.Size)).ToList();
            foreach (var (form, digest, size) in theirs.Concat(own.Where(one => theirs.Exists(form => form.Form == one.Form)).Select(one => (one.Form, one.Digest, one.Size))))
            {
                now.AddRange(FormCopy.Rows(change, [new CopiedForm(form, Next(form), digest, size)]));
                now[^1].VersionId = row.Id;
                change.Db.Renditions.Add(now[^1]);
            }
            if (theirs.Count == 0)
                change.Abandon();
            else
                change.Tell("version.rerendered", subject, new { version = row.Number, forms = theirs.Select(form => form.Form).Distinct(StringComparer.Ordinal), image = row.Image });
            return theirs.Count;
        }, cancellation);
        if (added > 0)
            report.Change($"{subject} {row.Number}: {added} forms were rendered anew");
    }

    /// <summary>What may change of a component and its versions, and what its channels mean; in one transaction, or in none when nothing differs.</summary>
    private async Task SettleAsync(ComponentRecord record, string subject, IReadOnlyCollection<string> dropped, MirrorReport report, CancellationToken cancellation)
    {
        var facts = record.Versions.Where(version => version.State == VersionState.Ready).ToDictionary(version => version.Version, StringComparer.Ordinal);
        var changed = await database.ChangeAsync(async change =>
        {
            var said = new List<string>();
            if (await change.LockComponentAsync(record.Namespace, record.Name) is not { } id)
                return said;
            var component = await change.Db.Components.Include(row => row.Channels).SingleAsync(row => row.Id == id, change.Cancellation);
            var rows = await change.Db.Versions.Where(row => row.ComponentId == id).ToListAsync(change.Cancellation);
            var copies = rows.Where(row => facts.TryGetValue(row.Number, out var theirs) && IsCopy(row, theirs)).ToDictionary(row => row.Number, StringComparer.Ordinal);
            // With nothing of the origin here, the component is someone else's.
            if (copies.Count == 0)
            {
                change.Abandon();
                return said;
            }
            if (!Showing.IsSame(component, record))
            {
                Showing.Apply(component, record);
                Presentation.Tell(change, component, subject);
                said.Add($"{subject}: shown as at the origin");
            }
            foreach (var row in copies.Values.Where(row => !Flags.AreSame(row, facts[row.Number])))
            {
                Flags.Follow(change, subject, row, facts[row.Number]);
                said.Add($"{subject} {row.Number}: {Flags.Words(row)}");
            }
            foreach (var (channel, number) in record.Channels.Where(channel => copies.ContainsKey(channel.Value)))
            {
                var now = component.Channels.Find(row => row.Name == channel);
                if (now?.VersionId == copies[number].Id)
                    continue;
                ChannelRows.Point(change, subject, channel, copies[number], now);
                said.Add($"{subject}: {channel} means {number}");
            }
            foreach (var gone in component.Channels.Where(row => dropped.Contains(row.Name) && !record.Channels.ContainsKey(row.Name)).ToList())
            {
                change.Db.Channels.Remove(gone);
                change.Tell("channel.deleted", subject, new { channel = gone.Name, version = rows.Find(row => row.Id == gone.VersionId)?.Number });
                await images.KeepTagAsync(change, subject, gone.Name, null);
                said.Add($"{subject}: {gone.Name} is deleted");
            }
            if (said.Count == 0)
                change.Abandon();
            else
                await ChannelTags.SettleAsync(change, images, id, subject);
            return said;
        }, cancellation);
        foreach (var line in changed)
            report.Change(line);
    }
}
