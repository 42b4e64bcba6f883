using System.Globalization;
using System.Runtime.CompilerServices;
using Claimed.Database;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Storage;

/// <summary>A blob that a row names.</summary>
/// <param name="Owner">What it belongs to, such as <c>acme/filter 1.0.0 component.yaml</c>.</param>
public sealed record NamedBlob(string Digest, string Owner);

/// <summary>All places in the database that name a blob: what is listed here is never collected, and scrub misses it when it is lost.</summary>
public static class NamedBlobs
{
    public static async IAsyncEnumerable<NamedBlob> ListAsync(RegistryContext db, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var sources = new[]
        {
            db.Versions.Where(row => row.PurgedAt == null).Select(row => new NamedBlob(row.BundleBlob,
                row.Component!.Namespace!.Name + "/" + row.Component.Name + " " + row.Number + " bundle")),
            db.Renditions.Where(row => row.Version!.PurgedAt == null).Select(row => new NamedBlob(row.Digest,
                row.Version!.Component!.Namespace!.Name + "/" + row.Version.Component.Name + " " + row.Version.Number + " " + row.Form)),
            db.Builds.Where(row => row.LogBlob != null).Select(row => new NamedBlob(row.LogBlob!,
                row.Version!.Component!.Namespace!.Name + "/" + row.Version.Component.Name + " " + row.Version.Number + " log of build " + row.Id.ToString())),
            db.Builds.Where(row => row.DockerfileBlob != null).Select(row => new NamedBlob(row.DockerfileBlob!,
                row.Version!.Component!.Namespace!.Name + "/" + row.Version.Component.Name + " " + row.Version.Number + " Dockerfile of build " + row.Id.ToString())),
            db.Wheels.Select(row => new NamedBlob(row.Digest, row.Namespace!.Name + " wheel 1." + row.Serial.ToString())),
            db.Wheels.Where(row => row.PackageDigest != "").Select(row => new NamedBlob(row.PackageDigest, row.Namespace!.Name + " operators for Elyra 1." + row.Serial.ToString())),
            db.Manifests.Join(db.Repositories, row => row.RepositoryId, owner => owner.Id,
                (row, owner) => new NamedBlob(row.Digest, owner.Name + " manifest")),
            db.RepositoryBlobs.Join(db.Repositories, row => row.RepositoryId, owner => owner.Id,
                (row, owner) => new NamedBlob(row.Digest, owner.Name + " blob")),
        };
        foreach (var source in sources)
        {
            await foreach (var named in source.AsAsyncEnumerable().WithCancellation(cancellation))
                yield return named;
        }
    }

    /// <summary>All of them as <see cref="Short"/> digests: what a removal looks through.</summary>
    public static async Task<HashSet<UInt128>> SetAsync(RegistryContext db, CancellationToken cancellation)
    {
        var all = new HashSet<UInt128>();
        await foreach (var blob in ListAsync(db, cancellation))
            all.Add(Short(blob.Digest));
        return all;
    }

    /// <summary>Whether any of those places names this blob.</summary>
    public static async Task<bool> IsNamedAsync(RegistryContext db, string digest, CancellationToken cancellation) =>
        await db.RepositoryBlobs.AnyAsync(row => row.Digest == digest, cancellation)
        || await db.Manifests.AnyAsync(row => row.Digest == digest, cancellation)
        || await db.Versions.AnyAsync(row => row.PurgedAt == null && row.BundleBlob == digest, cancellation)
        || await db.Renditions.AnyAsync(row => row.Version!.PurgedAt == null && row.Digest == digest, cancellation)
        || await db.Wheels.AnyAsync(row => row.Digest == digest || row.PackageDigest == digest, cancellation)
        || await db.Builds.AnyAsync(row => row.LogBlob == digest || row.DockerfileBlob == digest, cancellation);

    /// <summary>A digest in 16 bytes, for sets of very many; two that agree in them do not occur.</summary>
    public static UInt128 Short(string digest) => UInt128.Parse(digest.AsSpan(digest.IndexOf(':') + 1, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
