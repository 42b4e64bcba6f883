using Claimed.Database;
using Claimed.Database.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>A tag that no rule keeps.</summary>
/// <param name="PushedAt">Unix milliseconds.</param>
/// <param name="Why">A sentence.</param>
public sealed record UnkeptTag(string Repository, string Tag, string Digest, long PushedAt, string Why);

/// <summary>
/// Removes the tags that the retention rules of their namespaces no longer keep; what they named goes with the collection that follows, when
/// nothing else needs it. Immutable tags are not spared: a rule for them says so on purpose.
/// </summary>
public sealed class TagRetention(RegistryDatabase database, TimeProvider clock)
{
    private const int Batch = 200;

    /// <summary>Applies the rules of all namespaces, or only counts.</summary>
    public async Task<Collected> CollectAsync(bool countOnly, CancellationToken cancellation)
    {
        var spaces = await database.ReadAsync(db => db.Namespaces.Where(row => row.Retention != null).Select(row => new { row.Name, row.Retention }).ToListAsync(cancellation), cancellation);
        var count = 0;
        foreach (var space in spaces)
        {
            var rules = RetentionRule.Read(space.Retention);
            foreach (var repository in await RepositoriesAsync(space.Name, rules, cancellation))
                count += countOnly ? (await LookAsync(repository, rules, cancellation)).Unkept.Count : await RemoveAsync(space.Name, repository, cancellation);
        }
        return new Collected("tags that retention rules no longer keep", count);
    }

    /// <summary>What rules would remove now, by repository and tag, and how many of the tags that they cover stay.</summary>
    /// <param name="rules">Null: those of the namespace.</param>
    public async Task<(IReadOnlyList<UnkeptTag> Unkept, int Kept)> PreviewAsync(string space, IReadOnlyList<RetentionRule>? rules, CancellationToken cancellation)
    {
        rules ??= RetentionRule.Read(await database.ReadAsync(db => StoredAsync(db, space, cancellation), cancellation));
        var (unkept, kept) = (new List<UnkeptTag>(), 0);
        foreach (var repository in await RepositoriesAsync(space, rules, cancellation))
        {
            var found = await LookAsync(repository, rules, cancellation);
            unkept.AddRange(found.Unkept);
            kept += found.Kept;
        }
        return (unkept, kept);
    }

    private Task<List<ImageRepository>> RepositoriesAsync(string space, IReadOnlyList<RetentionRule> rules, CancellationToken cancellation) =>
        database.ReadAsync(async db => (await db.RepositoriesOf(space).OrderBy(row => row.Name).ToListAsync(cancellation))
            .FindAll(row => rules.Any(rule => rule.CoversRepository(row.Name[(space.Length + 1)..]))), cancellation);

    private Task<(IReadOnlyList<UnkeptTag> Unkept, int Kept)> LookAsync(ImageRepository repository, IReadOnlyList<RetentionRule> rules, CancellationToken cancellation) =>
        database.ReadAsync(db => DecideAsync(db, repository, rules, clock.GetUtcNow().ToUnixTimeMilliseconds(), cancellation), cancellation);

    /// <summary>Looks without holding anything first: mostly there is nothing to remove. What goes is decided again with the rows held, by the rules as they then are.</summary>
    private async Task<int> RemoveAsync(string space, ImageRepository repository, CancellationToken cancellation)
    {
        for (var count = 0; ;)
        {
            var rules = RetentionRule.Read(await database.ReadAsync(db => StoredAsync(db, space, cancellation), cancellation));
            if ((await LookAsync(repository, rules, cancellation)).Unkept.Count == 0)
                return count;
            var removed = await database.ChangeAsync(change => RemoveBatchAsync(change, space, repository), cancellation);
            if (removed == 0)
                return count;
            count += removed;
        }
    }

    private static async Task<int> RemoveBatchAsync(Change change, string space, ImageRepository repository)
    {
        await change.LockRepositoryAsync(repository.Name);
        var rules = RetentionRule.Read(await StoredAsync(change.Db, space, change.Cancellation));
        var batch = (await DecideAsync(change.Db, repository, rules, change.Now, change.Cancellation)).Unkept.Take(Batch).ToList();
        var names = batch.ConvertAll(tag => tag.Tag);
        await Grace.OfTagsAsync(change, repository.Id, names);
        await change.Db.Tags.Where(row => row.RepositoryId == repository.Id && names.Contains(row.Name)).ExecuteDeleteAsync(change.Cancellation);
        foreach (var tag in batch)
            change.Tell(ImageEvents.Untagged, repository.Name, new { tag = tag.Tag, digest = tag.Digest, reason = $"retention: {tag.Why}" });
        return batch.Count;
    }

    private static Task<string?> StoredAsync(RegistryContext db, string space, CancellationToken cancellation) =>
        db.Namespaces.Where(row => row.Name == space).Select(row => row.Retention).SingleOrDefaultAsync(cancellation);

    private static async Task<(IReadOnlyList<UnkeptTag> Unkept, int Kept)> DecideAsync(
        RegistryContext db, ImageRepository repository, IReadOnlyList<RetentionRule> rules, long now, CancellationToken cancellation)
    {
        var name = RepositoryNames.NameOf(repository.Name);
        var covering = rules.Index().Where(rule => rule.Item.CoversRepository(name)).ToList();
        if (covering.Count == 0)
            return ([], 0);
        var tags = await FreeTagsAsync(db, repository, cancellation);
        var why = new Dictionary<string, string>(StringComparer.Ordinal);
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, rule) in covering)
        {
            var young = rule.YoungSince(now);
            foreach (var (place, tag) in tags.Where(tag => rule.Covers(tag.Name)).Index())
            {
                if (place < rule.KeepLast || tag.UpdatedAt >= young)
                    kept.Add(tag.Name);
                else
                    why[tag.Name] = (why.TryGetValue(tag.Name, out var other) ? other + "; " : "") + Say(index, rule, place);
            }
        }
        var unkept = tags.Where(tag => why.ContainsKey(tag.Name) && !kept.Contains(tag.Name)).OrderBy(tag => tag.Name, StringComparer.Ordinal)
            .Select(tag => new UnkeptTag(repository.Name, tag.Name, tag.ManifestDigest, tag.UpdatedAt, why[tag.Name])).ToList();
        return (unkept, kept.Count);
    }

    /// <summary>Newest first, without what the registry itself set or a version needs.</summary>
    private static async Task<List<ImageTag>> FreeTagsAsync(RegistryContext db, ImageRepository repository, CancellationToken cancellation)
    {
        var parts = repository.Name.Split('/', 2);
        var component = await db.Components.Where(row => row.Name == parts[1] && row.Namespace!.Name == parts[0]).Select(row => (long?)row.Id).SingleOrDefaultAsync(cancellation);
        var channels = component is null ? [] : await db.Channels.Where(row => row.ComponentId == component).Select(row => row.Name).ToListAsync(cancellation);
        var tags = await db.Tags.AsNoTracking()
            .Where(tag => tag.RepositoryId == repository.Id && !db.Versions.Any(version => version.ImageDigest == tag.ManifestDigest && version.PurgedAt == null)).ToListAsync(cancellation);
        // What is said of an image stays as long as it does.
        var attached = await AttachedTags.StandingAsync(db, repository.Id, tags.Select(tag => tag.Name), cancellation);
        bool IsOwn(string tag) => tag.StartsWith(ImageRights.BuildTags, StringComparison.Ordinal) || ImageRights.IsOwn(tag, channels.Contains);
        return [.. tags.Where(tag => !attached.Contains(tag.Name) && (component is null || !IsOwn(tag.Name))).OrderByDescending(tag => tag.UpdatedAt).ThenByDescending(tag => tag.Name, StringComparer.Ordinal)];
    }

    private static string Say(int index, RetentionRule rule, int place) => (rule.KeepLast, rule.KeepFor) switch
    {
        ({ } last, null) => $"rule {index + 1} keeps the last {last}, and this is number {place + 1}",
        (null, { } age) => $"rule {index + 1} keeps what was pushed within {age}",
        var (last, age) => $"rule {index + 1} keeps the last {last} and what was pushed within {age}, and this is number {place + 1}",
    };
}
