using System.Text.Json;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Events;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Evidence;

/// <summary>Gathers what goes into the archive of a version. What is large stays a blob, and is read when it is sent.</summary>
public sealed class EvidenceArchive(RegistryDatabase database, IBlobStore blobs, ImageStore images, EvidenceKeys keys, RegistryUrls urls, Notices notices)
{
    private static readonly string[] Signed = [RenditionForm.Provenance, RenditionForm.Contents];

    /// <summary>In the order of their paths, <c>SHA256SUMS</c> with the others' last.</summary>
    /// <exception cref="BlobLostException">One of the blobs is not there.</exception>
    public async Task<IReadOnlyList<EvidenceFile>> FilesAsync(ComponentEntry component, VersionEntry version, CancellationToken cancellation)
    {
        var files = new List<EvidenceFile>
        {
            new("bundle.tar.gz", version.BundleBlob, null),
            EvidenceFile.Of("README", EvidenceTexts.Readme(component.Subject, version, urls)),
            EvidenceFile.Of("verify.sh", EvidenceTexts.Verify),
            EvidenceFile.Of("version.json", Json.Write(VersionDocument.From(component, version, urls, notices))),
            EvidenceFile.Of("events.json", Json.Write(await EventsAsync(component, version, cancellation))),
            EvidenceFile.Of("bases.json", Json.Write(await BasesAsync(version, cancellation))),
        };
        foreach (var row in version.Renditions.Rows.ToArray().GroupBy(row => row.Form).SelectMany(form => form.Index()))
            files.Add(new EvidenceFile(row.Index == 0 ? $"renditions/{row.Item.Form}" : $"renditions/older/{row.Item.Revision}/{row.Item.Form}", row.Item.Digest.ToString(), null));
        files.AddRange(await ImageAsync(component.Subject, version, cancellation));
        foreach (var form in Signed)
        {
            if (!version.Renditions.TryGetValue(form, out var rendition))
                continue;
            var envelope = DsseEnvelope.Read(await blobs.ReadAllAsync(rendition.Digest, cancellation));
            files.Add(EvidenceFile.Of($"statements/{form}", envelope.Statement()));
            files.Add(EvidenceFile.Of($"statements/{form}.sig", Convert.FromBase64String(envelope.Signatures[0].Sig)));
        }
        files.AddRange(keys.All.Select(key => EvidenceFile.Of($"keys/{key.Id}.pem", key.Pem)));
        foreach (var file in files.Where(file => file.Bytes is null))
        {
            if (await blobs.FindAsync(file.Digest, cancellation) is null)
                throw BlobLostException.Missing(file.Digest);
        }
        files.Sort(static (one, other) => string.CompareOrdinal(one.Path, other.Path));
        files.Add(EvidenceFile.Of("SHA256SUMS", string.Concat(files.Select(file => $"{file.Digest[7..]}  {file.Path}\n"))));
        return files;
    }

    /// <summary>Manifest and configuration where our store has the image; of an index those of its images, too.</summary>
    private async Task<List<EvidenceFile>> ImageAsync(string repository, VersionEntry version, CancellationToken cancellation)
    {
        var files = new List<EvidenceFile>();
        if (version.ImageDigest is not { } digest || await images.FindManifestAsync(repository, digest, cancellation) is not { } stored)
            return files;
        await AddAsync("image", stored.Digest, stored.MediaType);
        return files;

        async Task AddAsync(string folder, string of, string mediaType)
        {
            if (!Digest.IsSha256(of))
                return;
            files.Add(new EvidenceFile($"{folder}/manifest.json", of, null));
            var manifest = ManifestReader.Read(await blobs.ReadAllAsync(of, cancellation), mediaType);
            if (manifest.Config is { } config && Digest.IsSha256(config.Digest))
                files.Add(new EvidenceFile($"{folder}/config.json", config.Digest, null));
            foreach (var entry in manifest.Manifests.DistinctBy(entry => entry.Digest).Where(entry => folder == "image" && Digest.IsSha256(entry.Digest)))
                await AddAsync($"image/{entry.Digest[7..19]}", entry.Digest, entry.MediaType);
        }
    }

    /// <summary>The component's events about this version, oldest first.</summary>
    private Task<List<EvidenceEvent>> EventsAsync(ComponentEntry component, VersionEntry version, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var number = version.Number.ToString();
        var events = new List<EvidenceEvent>();
        await foreach (var row in db.Events.Where(row => row.Subject == component.Subject).OrderBy(row => row.Serial).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            var payload = JsonSerializer.Deserialize<JsonElement>(row.Payload);
            if (Is(payload, "version", number) || Is(payload, "previous", number) || Is(payload, "tag", number) || (version.ImageDigest is { } image && Is(payload, "digest", image)))
                events.Add(EvidenceEvent.Of(row, payload));
        }
        return events;
    }, cancellation);

    private static bool Is(JsonElement payload, string name, string value) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.ValueEquals(value);

    private Task<List<EvidenceBase>> BasesAsync(VersionEntry version, CancellationToken cancellation) => database.ReadAsync(db => db.BuildBases
        .Where(row => db.Builds.Any(build => build.Id == row.BuildId && build.VersionId == version.Id && build.State == BuildState.Succeeded))
        .OrderBy(row => row.BuildId).ThenBy(row => row.Name).Select(row => new EvidenceBase(row.BuildId, row.Name, row.Digest, row.ImageId)).ToListAsync(cancellation), cancellation);
}

/// <summary>An event, as the feed of changes shows it.</summary>
public sealed record EvidenceEvent(long Serial, DateTimeOffset At, string Kind, string Subject, JsonElement Payload)
{
    internal static EvidenceEvent Of(RegistryEvent row, JsonElement payload) => new(row.Serial, DateTimeOffset.FromUnixTimeMilliseconds(row.At), row.Kind, row.Subject, payload);
}

/// <summary>A base image of a build.</summary>
public sealed record EvidenceBase(long Build, string Name, string? Digest, string? ImageId);
