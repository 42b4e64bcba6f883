using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds;
using Claimed.Registry.Channels;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>
/// Copies one ready version: first every byte, verified; then the forms that name this registry; then, in one transaction, the rows. So a version is here whole or not
/// at all, whenever the process dies.
/// </summary>
internal sealed class VersionCopy(
    Origin origin, BundleCopy bundles, FormCopy forms, ImageCopy imageCopy, AttachedCopy attachedCopy, SpaceCopy spaces, ReadyVersions ready, ImageStore images, RegistryDatabase database,
    IOptions<MirrorOptions> mirror, IOptions<ImageOptions> options)
{
    private const int MostLost = 3;
    private const long MostRecord = 32 << 20;

    /// <summary>Everything of a version that is to be a row.</summary>
    private sealed record Prepared(VersionRecord Record, string? Image, string? Repository, IReadOnlyList<CopiedForm> Forms, IReadOnlyList<AttachedManifest> Attached, int Blobs);

    /// <param name="tell">Told in one line what came, and of what is left out.</param>
    /// <returns>False when somebody else has made the version meanwhile.</returns>
    /// <exception cref="RefusedCopyException">It cannot be copied; nothing of it is here.</exception>
    public async Task<bool> RunAsync(ComponentRecord component, VersionFacts facts, long serial, Action<string> tell, CancellationToken cancellation)
    {
        for (var lost = 1; ; lost++)
        {
            try
            {
                var prepared = await PrepareAsync(component, facts, serial, tell, cancellation);
                var isNew = await database.ChangeAsync(change => StoreAsync(change, component, prepared), cancellation);
                if (isNew)
                    tell($"{component.Namespace}/{component.Name} {facts.Version}: copied, {prepared.Forms.Count} forms{(prepared.Repository is null ? "" : $", image {prepared.Repository} with {prepared.Blobs} new blobs")}");
                return isNew;
            }
            catch (BlobLostException) when (lost < MostLost)
            {
                // A collection with a short grace was faster than the rows.
            }
        }
    }

    private async Task<Prepared> PrepareAsync(ComponentRecord component, VersionFacts facts, long serial, Action<string> tell, CancellationToken cancellation)
    {
        var (space, name) = (component.Namespace, component.Name);
        var path = $"api/v1/components/{space}/{name}/versions/{facts.Version}";
        var record = await origin.JsonAsync<VersionRecord>($"{path}/record.json?serial={serial}", MostRecord, cancellation);
        var definition = RecordCheck.Version(record, space, name, facts.Version);
        var isPipeline = definition.Language == SourceLanguage.Pipeline;
        if (isPipeline != (component.Kind == ComponentKind.Pipeline) || isPipeline != (record.Facts.Image is null))
            throw new RefusedCopyException($"it says that it is a {component.Kind}, and its definition and image say otherwise");
        var files = await bundles.FetchAsync(record, $"{path}/bundle", cancellation);
        if (!files.Any(file => file.Path == definition.MainFile))
            throw new RefusedCopyException($"its files have no {RecordCheck.Shown(definition.MainFile)}, which its definition was read from");
        var originals = ReadyVersions.FilesOf(definition, files);
        ReadOnlyMemory<byte>? upload = originals.TryGetValue(RenditionForm.Original, out var original) ? original : null;
        var (image, repository) = await ImageOfAsync(component, record.Facts, cancellation);
        var source = ready.SourceOf(space, name, facts.Version, definition, image ?? "", record.Facts.BundleDigest);
        RecordCheck.Renders(source, record.Findings, upload);
        var theirs = FormCopy.Of(record.Facts).ToList();
        DemandOriginals(theirs, originals);
        await forms.FetchAsync(space, name, theirs, cancellation);
        var own = await ready.RenderAsync(source, null, upload, cancellation);
        var came = 0;
        IReadOnlyList<AttachedManifest> said = [];
        if (repository is not null)
        {
            came = await imageCopy.BringAsync(repository, record.Facts.ImageDigest!, cancellation);
            said = await attachedCopy.FetchAsync(repository, record.Facts.ImageDigest!, tell, cancellation);
        }
        return new Prepared(record, image, repository, FormCopy.WithOwn(theirs, own), said, came);
    }

    /// <summary>The reference that is named here, and the repository that it is copied into: null when the image lies elsewhere.</summary>
    private async Task<(string? Image, string? Repository)> ImageOfAsync(ComponentRecord component, VersionFacts facts, CancellationToken cancellation)
    {
        if (facts.Image is null)
            return (null, null);
        if (!ImageName.TryParse(facts.Image, out var image))
            throw new RefusedCopyException($"its image \"{RecordCheck.Shown(facts.Image)}\" is no reference");
        if (image.Digest is not null && image.Digest != facts.ImageDigest)
            throw new RefusedCopyException($"its image has the digest {image.Digest}, and the origin says {facts.ImageDigest}");
        if (!image.Host.Equals(component.ImageHost, StringComparison.OrdinalIgnoreCase) || image.Digest is null || !ImageNames.IsRepository(image.Repository))
            return (facts.Image, null);
        var owner = RepositoryNames.SpaceOf(image.Repository);
        if (!mirror.Value.Covers(owner))
            return (facts.Image, null);
        if (owner != component.Namespace)
            await spaces.UseAsync(owner, await spaces.IsPrivateThereAsync(owner, cancellation), cancellation);
        return ((image with { Host = options.Value.PublicHost, Tag = null }).Pinned(image.Digest), image.Repository);
    }

    /// <summary>What is served as it was uploaded must be what was uploaded.</summary>
    private static void DemandOriginals(IReadOnlyList<RenditionFacts> theirs, Dictionary<string, ReadOnlyMemory<byte>> originals)
    {
        foreach (var form in theirs.Where(form => form.Form is RenditionForm.Original or RenditionForm.Pipeline))
        {
            var wanted = originals.TryGetValue(form.Form, out var bytes) ? Digest.Of(bytes.Span) : "none";
            if (form.Digest != wanted)
                throw new RefusedCopyException($"its {form.Form} has the digest {form.Digest}, and in its files it has {wanted}");
        }
    }

    /// <returns>False when the version is here by now.</returns>
    private async Task<bool> StoreAsync(Change change, ComponentRecord from, Prepared prepared)
    {
        var (record, facts, subject) = (prepared.Record, prepared.Record.Facts, $"{from.Namespace}/{from.Name}");
        var (component, versions) = await change.UseComponentAsync(from.Namespace, from.Name);
        if (versions.Any(version => version.Number == facts.Version))
        {
            change.Abandon();
            return false;
        }
        if (versions.Count == 0)
            component.Kind = from.Kind;
        else if (component.Kind != from.Kind)
            throw new RefusedCopyException($"{subject} is a {component.Kind} here, and a {from.Kind} at the origin");
        if (prepared.Repository is { } repository && !await ImageStore.HoldAsync(change, repository, facts.ImageDigest!))
            throw new BlobLostException(facts.ImageDigest!, "was removed before a version named it");
        Showing.Apply(component, from);
        component.UpdatedAt = change.Now;
        var row = RowOf(change, component.Id, prepared);
        change.Names(row.BundleBlob);
        row.Renditions.AddRange(FormCopy.Rows(change, prepared.Forms));
        change.Db.Versions.Add(row);
        change.Tell("version.published", subject, new { version = row.Number, bundle = row.BundleDigest, expiresAt = row.ExpiresAt });
        change.Tell("version.ready", subject, new { version = row.Number, image = row.ImageDigest });
        Flags.Tell(change, subject, row, isYankChanged: row.Yanked, isDeprecationChanged: row.Deprecated);
        await change.Db.SaveChangesAsync(change.Cancellation);
        if (prepared.Repository == subject)
            await images.SetTagAsync(change, subject, row.Number, row.ImageDigest!);
        await ChannelTags.SettleAsync(change, images, component.Id, subject);
        if (prepared.Repository is not null)
            await AttachedManifests.AddAsync(change, prepared.Repository, row.ImageDigest!, prepared.Attached);
        return true;
    }

    private ComponentVersion RowOf(Change change, long component, Prepared prepared)
    {
        var (record, facts) = (prepared.Record, prepared.Record.Facts);
        var row = new ComponentVersion
        {
            ComponentId = component,
            Number = facts.Version,
            State = VersionState.Ready,
            BundleDigest = facts.BundleDigest,
            BundleBlob = record.BundleBlob,
            Definition = record.Definition,
            DefinitionDigest = record.DefinitionDigest,
            Options = Json.Write(record.Options),
            Findings = Json.Write(record.Findings),
            Image = prepared.Image,
            ImageDigest = facts.ImageDigest,
            Repository = record.Repository,
            Revision = record.Revision,
            SourcePath = record.Path,
            Message = record.Message,
            // A person of that name may be another one here, and what an issuer vouched for there nobody has verified here.
            PublishedBy = record.PublishedBy is null ? null : $"{record.PublishedBy} at {origin.Host}",
            ExpiresAt = facts.ExpiresAt?.ToUnixTimeMilliseconds(),
            CreatedAt = Past(change, facts.CreatedAt),
            ReadyAt = Past(change, facts.ReadyAt ?? facts.CreatedAt),
        };
        Flags.Apply(row, facts);
        return row;
    }

    private static long Past(Change change, DateTimeOffset time) => Math.Clamp(time.ToUnixTimeMilliseconds(), 0, change.Now);
}
