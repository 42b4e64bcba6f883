using System.Globalization;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Images;

/// <summary>
/// Says early that a push would not fit into the quota of its namespace: before its body is read, and before its bytes become a blob. The
/// transaction decides (<see cref="NamespaceUse"/>); namespaces without a quota are asked nothing.
/// </summary>
public sealed class NamespaceQuota(RegistryDatabase database, SnapshotFeed feed)
{
    /// <summary>Stands in every refusal, so that who hears of one from a container engine knows it again.</summary>
    internal const string Words = "the quota of this namespace";

    /// <summary>The longest upload that the namespace could hold if it were empty.</summary>
    public long MostBytes(string repository) => SpaceOf(repository)?.QuotaBytes ?? long.MaxValue;

    /// <summary>Why this could not be stored now; null when it could, or nothing bounds it.</summary>
    /// <param name="digest">Null while it is not known: what is there already adds nothing, so only what could never fit is refused.</param>
    public async Task<OciError?> RefusalAsync(string repository, string? digest, long size, CancellationToken cancellation)
    {
        if (SpaceOf(repository) is not { } space || space is { QuotaBytes: null, QuotaRepositories: null })
            return null;
        if (await database.ReadAsync(db => NamespaceUse.LookAsync(db, repository, digest, cancellation), cancellation) is not { } room)
            return null;
        if (room.QuotaRepositories is { } count && !room.IsRepositoryUsed && room.UsedRepositories >= count)
            return RepositoriesRefused(space.Name, repository, room.UsedRepositories, count);
        // Of two numbers up to the largest there is the sum may not be one.
        return room.QuotaBytes is { } most && !room.IsHeld && size > (digest is null ? most : most - room.UsedBytes)
            ? BytesRefused(space.Name, room.UsedBytes, size, most)
            : null;
    }

    /// <param name="asked">The largest number for an upload that does not say how long it is.</param>
    internal static OciError BytesRefused(string space, long used, long asked, long quota) => OciError.Denied(403, string.Create(CultureInfo.InvariantCulture,
        $"{space} holds {used} bytes of images, and {quota} are {Words}: {(asked == long.MaxValue ? "an upload that is larger does" : $"{asked} more do")} not fit. Delete images and let the registry collect them, or ask an administrator for a larger quota."))
        with
    { Detail = new { unit = "bytes", used, asked = asked == long.MaxValue ? null : (long?)asked, quota } };

    internal static OciError RepositoriesRefused(string space, string repository, long used, long quota) => OciError.Denied(403, string.Create(CultureInfo.InvariantCulture,
        $"{space} has {used} repositories that hold something, and {quota} are {Words}: {repository} would be one more. Use one that is there, empty one, or ask an administrator for a larger quota."))
        with
    { Detail = new { unit = "repositories", used, asked = 1, quota } };

    private NamespaceEntry? SpaceOf(string repository) => feed.Current.Namespaces.GetValueOrDefault(RepositoryNames.SpaceOf(repository));
}
