using System.Reflection;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Evidence.Packages;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Evidence;

/// <summary>A version whose image lies in its repository, before it becomes ready.</summary>
/// <param name="Options">The publisher's options that shaped the image.</param>
/// <param name="BuildId">The build that ends it.</param>
/// <param name="Image">As clients name it, pinned.</param>
/// <param name="IsOwn">Whether the image lies in our store, where it can be read, and what is said of it be laid beside it.</param>
/// <param name="Forms">The version's other forms.</param>
public sealed record BuiltVersion(
    string Space, string Name, ComponentVersion Version, IReadOnlyDictionary<string, string> Options, long BuildId, string Image, string Digest, bool IsOwn, IReadOnlyList<PreparedForm> Forms)
{
    public string Repository => $"{Space}/{Name}";

    /// <summary>The image's name without its digest.</summary>
    public string Reference => Image[..Image.LastIndexOf('@')];
}

/// <summary>What is said of an image, stored and named by no row yet.</summary>
public sealed record PreparedEvidence(IReadOnlyList<PreparedForm> Forms, IReadOnlyList<AttachedManifest> Manifests);

/// <summary>
/// Says of an image that a build made how it came to be and what is in it, and signs that. Blobs are stored here, before the transaction that names
/// them; nothing of it can fail the build: what is wrong is said in the documents and in the log.
/// </summary>
public sealed partial class ImageEvidence(
    RegistryDatabase database, IBlobStore blobs, ImageStore images, PackageListing listing, EvidenceKeys keys, RegistryUrls urls, TimeProvider clock, ILogger<ImageEvidence> logger)
{
    private static readonly string Program = $"Claimed.Registry-{typeof(ImageEvidence).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    /// <param name="log">The build's log.</param>
    /// <param name="active">Called while it goes on.</param>
    public async Task<PreparedEvidence> PrepareAsync(BuiltVersion built, Action<string> log, Action active, CancellationToken cancellation)
    {
        try
        {
            return await SignAsync(built, log, active, cancellation);
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested && !StorageFaults.MayPass(fault) && fault is not BlobLostException)
        {
            LogNone(logger, built.Repository, built.Version.Number, fault);
            log($"Evidence: none, because of a fault of the registry: {fault.Message}\n");
            return new PreparedEvidence([], []);
        }
    }

    private async Task<PreparedEvidence> SignAsync(BuiltVersion built, Action<string> log, Action active, CancellationToken cancellation)
    {
        var at = clock.GetUtcNow();
        var (listed, notes) = await ListAsync(built, log, active, cancellation);
        var builds = await BuildsAsync(built, cancellation);
        // Tools find an image of an index by its own digest, too.
        StatementSubject[] subjects = [.. listed.Select(image => image.Digest).Prepend(built.Digest).Distinct(StringComparer.Ordinal).Select(digest => InToto.Subject(built.Reference, digest))];
        var provenance = SlsaProvenance.Of(built, builds, Program, at, urls);
        var name = $"{built.Repository} {built.Version.Number}";
        var contents = SpdxDocument.Of(name, $"{urls.Version(built.Space, built.Name, built.Version.Number)}/contents/build-{built.BuildId}-{at.ToUnixTimeMilliseconds()}",
            built.Reference, built.Digest, listed, notes, at, Program);
        var key = keys.Signing;
        SignedDocument[] documents =
        [
            new(RenditionForm.Provenance, InToto.Slsa, "application/vnd.in-toto.provenance+dsse", InToto.Sign(new Statement<SlsaProvenance>(InToto.StatementType, subjects, InToto.Slsa, provenance), key)),
            new(RenditionForm.Contents, InToto.Spdx, "application/vnd.in-toto.spdx+dsse", InToto.Sign(new Statement<SpdxDocument>(InToto.StatementType, subjects, InToto.Spdx, contents), key)),
        ];
        foreach (var document in documents)
            await blobs.PutAsync(document.Digest, document.Bytes, cancellation);
        var forms = documents.Select(document => new PreparedForm(document.Form, document.Digest, document.Bytes.Length)).ToList();
        if (!built.IsOwn)
            return new PreparedEvidence(forms, []);
        var attached = new List<AttachedManifest>();
        foreach (var digest in listed.Select(image => image.Digest).Prepend(built.Digest).Distinct(StringComparer.Ordinal))
            attached.AddRange(await new EvidenceManifests(blobs, images, built.Repository, built.Reference).MakeAsync(digest, documents, key, cancellation));
        return new PreparedEvidence(forms, attached);
    }

    private async Task<(IReadOnlyList<ListedImage> Listed, IReadOnlyList<string> Notes)> ListAsync(BuiltVersion built, Action<string> log, Action active, CancellationToken cancellation)
    {
        if (!built.IsOwn)
            return ([], ["The image lies in another registry and its packages are not listed."]);
        try
        {
            var image = await images.FindManifestAsync(built.Repository, built.Digest, cancellation) ?? throw new BlobLostException(built.Digest, "is not in its repository");
            var listed = await listing.ListAsync(image, active, cancellation);
            log($"Contents: {listed.Sum(one => one.Packages.Packages.Count)} packages{(listed.Any(one => one.Packages.Notes.Count > 0) ? ", not all could be read" : "")}\n");
            foreach (var note in listed.SelectMany(one => one.Packages.Notes).Distinct(StringComparer.Ordinal).Take(10))
                log($"Contents: {note}\n");
            return (listed, []);
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested && !StorageFaults.MayPass(fault))
        {
            LogUnlisted(logger, built.Repository, built.Version.Number, fault);
            log($"Contents: the packages could not be listed: {fault.Message}\n");
            return ([], [$"The packages could not be listed: {fault.Message}"]);
        }
    }

    /// <summary>The builds that made the image together, the one that ends it first.</summary>
    private Task<List<Build>> BuildsAsync(BuiltVersion built, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var rows = await db.Builds.Include(row => row.Bases).Where(row => row.VersionId == built.Version.Id).ToListAsync(cancellation);
        var last = rows.Single(row => row.Id == built.BuildId);
        return rows.Where(row => row.Round == last.Round && (row == last || row.State == BuildState.Succeeded)).OrderByDescending(row => row == last).ThenBy(row => row.Id).ToList();
    }, cancellation);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Component} {Version} becomes ready without evidence.")]
    private static partial void LogNone(ILogger logger, string component, string version, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The packages of {Component} {Version} could not be listed.")]
    private static partial void LogUnlisted(ILogger logger, string component, string version, Exception fault);
}

/// <summary>A signed statement, as the version keeps it.</summary>
/// <param name="ArtifactType">Of the manifest that lays it beside the image.</param>
internal sealed record SignedDocument(string Form, string PredicateType, string ArtifactType, byte[] Bytes)
{
    public string Digest { get; } = Storage.Digest.Of(Bytes);
}
