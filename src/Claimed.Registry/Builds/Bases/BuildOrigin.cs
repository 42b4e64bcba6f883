using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds.Bases;

/// <summary>Writes down what a build begins with, before it begins: of one that fails that is worth knowing, too.</summary>
public sealed class BuildOrigin(RegistryDatabase database)
{
    /// <param name="recipe">Null where images are never taken from other builds.</param>
    /// <param name="sameAs">The build whose image this one takes; null when it makes its own.</param>
    public Task StoreAsync(BuildLease lease, IReadOnlyList<FoundBase> bases, string? recipe, long? sameAs, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        if (await BuildQueue.HeldAsync(change, lease) is not { } build)
            return;
        build.Recipe = recipe;
        build.SameAs = sameAs;
        await change.Db.BuildBases.Where(row => row.BuildId == build.Id).ExecuteDeleteAsync(change.Cancellation);
        change.Db.BuildBases.AddRange(bases.DistinctBy(found => found.Name).Select(found =>
            new BuildBase { BuildId = build.Id, Name = found.Name, Digest = found.Digest, ImageId = found.ImageId }));
    }, cancellation);
}
