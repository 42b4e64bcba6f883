using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Namespaces;

/// <summary>Who owns components, and the rules of its images.</summary>
/// <param name="Visibility"><c>public</c>, or <c>private</c>: only members see it.</param>
/// <param name="OnlyTrusted">Versions come from CI jobs under a trust rule alone.</param>
/// <param name="Quota">Most that its images may take; absent without a bound.</param>
/// <param name="Builds">Limits of its builds that differ from the settings; absent without any.</param>
/// <param name="Usage">What its images take; absent while the database does not answer.</param>
/// <param name="ImmutableTags">Patterns of tags that are neither moved nor deleted.</param>
/// <param name="Retention">Which tags stay.</param>
/// <param name="Links"><c>self</c>, <c>components</c> and <c>members</c>.</param>
public sealed record NamespaceDocument(
    string Name, string Visibility, bool OnlyTrusted, QuotaDocument? Quota, NamespaceLimits? Builds, UsageDocument? Usage, IReadOnlyList<string> ImmutableTags,
    IReadOnlyList<RetentionDocument> Retention, IReadOnlyDictionary<string, string> Links)
{
    // The rest is in memory, and does not wait longer for this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The documents, with the counts as they are now.</summary>
    public static async Task<IReadOnlyList<NamespaceDocument>> FromAsync(
        IReadOnlyList<NamespaceEntry> spaces, RegistryDatabase database, RegistryUrls urls, CancellationToken cancellation)
    {
        var usage = await UsageAsync([.. spaces.Select(space => space.Name)], database, cancellation);
        return [.. spaces.Select(space => From(space, usage?.GetValueOrDefault(space.Name), urls))];
    }

    /// <summary>The same for one.</summary>
    public static async Task<NamespaceDocument> FromAsync(NamespaceEntry space, RegistryDatabase database, RegistryUrls urls, CancellationToken cancellation) =>
        (await FromAsync([space], database, urls, cancellation))[0];

    private static NamespaceDocument From(NamespaceEntry space, UsageDocument? usage, RegistryUrls urls) => new(
        space.Name, space.IsPrivate ? "private" : "public", space.OnlyTrusted,
        space is { QuotaBytes: null, QuotaRepositories: null } ? null : new QuotaDocument(space.QuotaBytes, space.QuotaRepositories), NamespaceLimits.Read(space.BuildLimits), usage,
        space.ImmutableTags, [.. space.Retention.Select(RetentionDocument.From)],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["self"] = urls.Namespace(space.Name),
            ["components"] = $"{urls.Base}/api/v1/components?namespace={space.Name}",
            ["members"] = $"{urls.Namespace(space.Name)}/members",
        });

    private static async Task<Dictionary<string, UsageDocument>?> UsageAsync(string[] names, RegistryDatabase database, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            return await database.ReadAsync(db => db.Namespaces.Where(row => names.Contains(row.Name))
                .ToDictionaryAsync(row => row.Name, row => new UsageDocument(row.UsedBytes, row.UsedRepositories), limit.Token), limit.Token);
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested && (fault is OperationCanceledException || DatabaseFaults.IsAway(fault)))
        {
            return null;
        }
    }
}

/// <summary>Most that the images of a namespace may take; null or absent is no bound. Administrators set it.</summary>
/// <param name="Bytes">Of the distinct blobs and manifests that its repositories hold: what two of them have counts once.</param>
/// <param name="Repositories">Repositories that hold something.</param>
public sealed record QuotaDocument(long? Bytes, long? Repositories);

/// <summary>What the images of a namespace take.</summary>
/// <param name="Bytes">Of the distinct blobs and manifests that its repositories hold.</param>
/// <param name="Repositories">Repositories that hold something.</param>
public sealed record UsageDocument(long Bytes, long Repositories);

/// <summary>What a PUT or PATCH of a namespace says: absent stays.</summary>
/// <param name="Visibility"><c>public</c> or <c>private</c>.</param>
/// <param name="OnlyTrusted">Refuse versions that come with tokens which someone keeps.</param>
/// <param name="Quota">For administrators alone; null takes the bounds away, and so does null for one of them.</param>
/// <param name="Builds">For administrators alone; replaces all of them, and null takes them away.</param>
/// <param name="ImmutableTags">Patterns such as <c>v*</c>; null or none ends the rule.</param>
/// <param name="Retention">All rules; null or none ends them.</param>
public sealed record NamespacePatchDocument(
    string? Visibility, bool? OnlyTrusted, QuotaDocument? Quota, NamespaceLimits? Builds, IReadOnlyList<string>? ImmutableTags, IReadOnlyList<RetentionDocument>? Retention);
