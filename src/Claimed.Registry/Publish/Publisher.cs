using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Registry.Builds;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>What a publish gave: the version, and whether it is new.</summary>
public sealed record Published(string Name, SemVersion Version, bool IsNew);

/// <summary>Stores an upload as a version: blob first, then one transaction, then a call to the builders.</summary>
public sealed class Publisher(
    RegistryDatabase database, IBlobStore blobs, Examination examination, ReadyVersions ready, ImageStore images, BuildCalls calls)
{
    private const int Tries = 5;

    /// <param name="name">From the URL; null takes the source's.</param>
    /// <param name="version">From the URL; null lets the registry choose.</param>
    /// <exception cref="Http.RefusedException">The upload has errors, or the version is taken by other content.</exception>
    public async Task<Published> PublishAsync(string space, string? name, SemVersion? version, Upload upload, CancellationToken cancellation)
    {
        var examined = await examination.ExamineAsync(name, upload, cancellation);
        var candidate = examined.Candidate ?? throw UploadRefusal.Findings(examined.Findings);
        var archive = await Bundle.PackAsync(candidate.Files, cancellation);
        var bundleBlob = Digest.Of(archive);
        await blobs.PutAsync(bundleBlob, archive, cancellation);

        // A version without a build is ready in the same transaction, so its forms must exist before; they name the version,
        // which only the transaction decides. So: guess, prepare, and go round when another publisher was faster.
        var guess = version;
        for (var attempt = 1; ; attempt++)
        {
            var forms = candidate.IsBuilt || guess is null ? null : await PrepareAsync(space, candidate, guess, cancellation);
            try
            {
                var (allocated, number) = await AllocateAsync(space, candidate, version, bundleBlob, guess, forms, cancellation);
                if (allocated is not null)
                {
                    if (allocated.Build is { } build)
                        calls.Call(build.Id);
                    return new Published(candidate.Name, number, allocated.IsNew);
                }
                guess = number;
            }
            catch (DbUpdateException fault) when (attempt < Tries && !StorageFaults.MayPass(fault))
            {
                // Someone created the same namespace, component or version in this moment; the next look sees it.
            }
        }
    }

    /// <summary>Null with the number to prepare for, when the forms were made for another one.</summary>
    private Task<(Allocated? Allocated, SemVersion Number)> AllocateAsync(
        string space, Candidate candidate, SemVersion? wanted, string bundleBlob, SemVersion? prepared, IReadOnlyList<PreparedForm>? forms,
        CancellationToken cancellation) => database.ChangeAsync<(Allocated?, SemVersion)>(async change =>
        {
            var allocated = await new VersionAllocation(change, space, candidate, wanted, bundleBlob).RunAsync();
            var number = SemVersion.Parse(allocated.Row.Number, SemVersionStyles.Strict);
            if (candidate.IsBuilt || !allocated.IsNew)
                return (allocated, number);
            if (forms is null || !number.Equals(prepared))
            {
                change.Abandon();
                return (null, number);
            }
            var subject = $"{space}/{candidate.Name}";
            ReadyVersions.Apply(change, allocated.Row, subject, candidate.Image!, candidate.ImageDigest, forms);
            await ChannelTags.FollowAsync(change, images, allocated.Row, subject, ownDigest: null);
            return (allocated, number);
        }, cancellation);

    private Task<IReadOnlyList<PreparedForm>> PrepareAsync(string space, Candidate candidate, SemVersion number, CancellationToken cancellation)
    {
        var definition = candidate.Definition;
        var originals = new Dictionary<string, ReadOnlyMemory<byte>>();
        if (definition.Language == SourceLanguage.Container)
            originals[RenditionForm.Original] = candidate.Files.Single(file => file.Path == definition.MainFile).Content;
        var source = ready.SourceOf(space, candidate.Name, number.ToString(), definition, candidate.Image!, candidate.BundleDigest,
            definition.Category, definition.Group);
        return ready.PrepareAsync(source, originals, cancellation);
    }
}
