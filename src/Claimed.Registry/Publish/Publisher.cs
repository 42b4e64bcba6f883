using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Builds;
using Claimed.Registry.Channels;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>What a publish gave: the version, and whether it is new.</summary>
public sealed record Published(string Name, SemVersion Version, bool IsNew)
{
    /// <summary>What was found in the files: warnings and suggestions.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

/// <summary>Stores an upload as a version: blob first, then one transaction, then a call to the builders.</summary>
public sealed class Publisher(
    RegistryDatabase database, IBlobStore blobs, Examination examination, ReadyVersions ready, ImageStore images, OutsideImages outside, Rerendering rerendering,
    BuildCalls calls, SnapshotFeed feed)
{
    private const int MaxLost = 5;

    private static readonly Task<IReadOnlyList<PreparedForm>?> NoForms = Task.FromResult<IReadOnlyList<PreparedForm>?>(null);

    /// <param name="name">From the URL; null takes the source's.</param>
    /// <param name="version">From the URL; null lets the registry choose.</param>
    /// <param name="caller">Who publishes; null for the registry itself.</param>
    /// <param name="deferral">Has a new version's build wait until somebody asks for it, unless somebody has asked for one of the component; null builds it now.</param>
    /// <exception cref="Http.RefusedException">The upload has errors, or the version is taken by other content.</exception>
    public async Task<Published> PublishAsync(string space, string? name, SemVersion? version, Upload upload, Caller? caller, CancellationToken cancellation, Deferral? deferral = null)
    {
        var examined = await examination.ExamineAsync(space, name, upload, caller, cancellation);
        var candidate = examined.Candidate ?? throw UploadRefusal.Findings(examined.Findings);
        string? bundleBlob = null;

        // A version without a build is ready in the same transaction, so its forms must exist before; they name the version,
        // which only the transaction decides. So: guess, prepare, and go round when another publisher was faster; each round one of them gets through.
        // Who sends known files gets the version that has them, and no form is made that no row would name.
        var guess = feed.Current.Find(space, candidate.Name)?.Versions.Any(known => known.BundleDigest == candidate.BundleDigest) == true ? null : version;
        var lost = 0;
        while (true)
        {
            try
            {
                // Bundle and forms at the same time: most of it is waiting for the disk.
                var storing = bundleBlob is null ? Bundle.StoreAsync(blobs, candidate.Files, cancellation) : Task.FromResult(bundleBlob);
                var preparing = candidate.IsBuilt || guess is null ? NoForms : PrepareAsync(space, candidate, guess, cancellation);
                await Task.WhenAll(storing, preparing);
                bundleBlob = await storing;
                var forms = await preparing;
                var (allocated, number) = await AllocateAsync(space, candidate, version, deferral, bundleBlob, guess, forms, cancellation);
                if (allocated is not null)
                {
                    if (allocated.Queued is { } build)
                        calls.Call(build);
                    // Whoever sends known files, named by a version or not, mends what the disk lost of them.
                    if (!allocated.IsNew)
                        await rerendering.RestoreAsync(allocated.Row.Id, cancellation);
                    return new Published(candidate.Name, number, allocated.IsNew) { Findings = candidate.Findings };
                }
                guess = number;
            }
            catch (BlobLostException) when (++lost < MaxLost)
            {
                // A collection with a short grace was faster than the rows: put the blobs again.
                bundleBlob = null;
            }
        }
    }

    /// <summary>Null with the number to prepare for, when the forms were made for another one.</summary>
    private Task<(Allocated? Allocated, SemVersion Number)> AllocateAsync(
        string space, Candidate candidate, SemVersion? wanted, Deferral? deferral, string bundleBlob, SemVersion? prepared, IReadOnlyList<PreparedForm>? forms,
        CancellationToken cancellation) => database.ChangeAsync<(Allocated?, SemVersion)>(async change =>
        {
            var allocated = await new VersionAllocation(change, images, space, candidate, wanted, deferral, bundleBlob).RunAsync();
            var number = SemVersion.Parse(allocated.Row.Number, SemVersionStyles.Strict);
            if (candidate.IsBuilt || !allocated.IsNew)
                return (allocated, number);
            if (forms is null || !number.Equals(prepared))
            {
                change.Abandon();
                return (null, number);
            }
            var subject = $"{space}/{candidate.Name}";
            await HoldOwnImageAsync(change, candidate);
            ReadyVersions.Apply(change, allocated.Row, subject, candidate.Image, candidate.ImageDigest, forms);
            await ReadyVersions.InsertAsync(change, allocated.Row);
            await ChannelTags.FollowAsync(change, images, allocated.Row, subject, ownDigest: null);
            return (allocated, number);
        }, cancellation);

    /// <summary>An image of this registry that nothing needed until now must not be removed between its look-up and this row.</summary>
    private async Task HoldOwnImageAsync(Change change, Candidate candidate)
    {
        if (candidate.ImageDigest is not { } digest || !ImageName.TryParse(candidate.Image!, out var image) || !outside.IsOwn(image.Host)
            || await ImageStore.HoldAsync(change, image.Repository, digest))
            return;
        throw UploadRefusal.Findings([Finding.Error("image-not-found", new SourcePosition(candidate.Definition.MainFile),
            $"The image \"{candidate.Image}\" was removed a moment ago.", "Push the image again, then publish.")]);
    }

    private async Task<IReadOnlyList<PreparedForm>?> PrepareAsync(string space, Candidate candidate, SemVersion number, CancellationToken cancellation)
    {
        var definition = candidate.Definition;
        var source = ready.SourceOf(space, candidate.Name, number.ToString(), definition, candidate.Image ?? "", candidate.BundleDigest);
        return await ready.PrepareAsync(source, ReadyVersions.FilesOf(definition, candidate.Files), cancellation);
    }
}
