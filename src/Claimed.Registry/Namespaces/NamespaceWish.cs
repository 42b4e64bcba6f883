using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.AspNetCore.Http.Features;

namespace Claimed.Registry.Namespaces;

/// <summary>What a request wants a namespace to be; null where it does not say.</summary>
internal sealed record NamespaceWish(bool? IsPrivate, bool? OnlyTrusted)
{
    private static readonly string[] Names = ["visibility", "onlyTrusted", "quota", "immutableTags", "retention", "builds"];

    /// <summary>For administrators alone: owners do not raise their own bound.</summary>
    public QuotaWish? Quota { get; init; }

    /// <summary>For administrators alone, too; empty takes all of them away.</summary>
    public NamespaceLimits? Builds { get; init; }

    public IReadOnlyList<string>? ImmutableTags { get; init; }

    public IReadOnlyList<RetentionRule>? Retention { get; init; }

    public bool IsEmpty => this is { IsPrivate: null, OnlyTrusted: null, Quota: null, Builds: null, ImmutableTags: null, Retention: null };

    /// <param name="mayBeEmpty">A request without a body wants nothing.</param>
    public static async Task<NamespaceWish> ReadAsync(HttpRequest request, bool mayBeEmpty = false)
    {
        if (mayBeEmpty && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return new NamespaceWish(null, null);
        var asked = await JsonBody.ReadAsync(request, Names);
        var visibility = asked.Text("visibility");
        if (asked.Has("visibility") && visibility is not ("public" or "private"))
            throw JsonBody.Bad("visibility", "can be public or private.");
        return new NamespaceWish(visibility is null ? null : visibility == "private", asked.Has("onlyTrusted") ? asked.Flag("onlyTrusted") : null)
        {
            Quota = asked.Has("quota") ? QuotaWish.Read(asked) : null,
            Builds = asked.Has("builds") ? BuildLimitsWish.Read(asked) : null,
            ImmutableTags = asked.Has("immutableTags") ? RetentionDocument.ReadTags(asked, "immutableTags") : null,
            Retention = asked.Has("retention") ? RetentionDocument.Read(asked, "retention") : null,
        };
    }

    /// <summary>Makes the row so; true when that changes something.</summary>
    public bool Apply(Namespace row)
    {
        var before = StateOf(row);
        row.IsPrivate = IsPrivate ?? row.IsPrivate;
        row.OnlyTrusted = OnlyTrusted ?? row.OnlyTrusted;
        if (Quota is not null)
            (row.QuotaBytes, row.QuotaRepositories) = Quota.Over(row.QuotaBytes, row.QuotaRepositories);
        if (Builds is not null)
            row.BuildLimits = Builds.IsEmpty ? null : Json.Write(Builds);
        if (ImmutableTags is not null)
            row.ImmutableTags = ImmutableTags.Count == 0 ? null : Json.Write(ImmutableTags);
        if (Retention is not null)
            row.Retention = RetentionRule.Write(Retention);
        return before != StateOf(row);
    }

    public bool Fits(NamespaceEntry entry) => (IsPrivate ?? entry.IsPrivate) == entry.IsPrivate && (OnlyTrusted ?? entry.OnlyTrusted) == entry.OnlyTrusted
        && (Quota is null || Quota.Over(entry.QuotaBytes, entry.QuotaRepositories) == (entry.QuotaBytes, entry.QuotaRepositories))
        && (Builds is null || Builds == (NamespaceLimits.Read(entry.BuildLimits) ?? new NamespaceLimits()))
        && (ImmutableTags ?? entry.ImmutableTags).SequenceEqual(entry.ImmutableTags, StringComparer.Ordinal)
        && (Retention ?? entry.Retention).SequenceEqual(entry.Retention);

    private static (bool, bool, long?, long?, string?, string?, string?) StateOf(Namespace row) =>
        (row.IsPrivate, row.OnlyTrusted, row.QuotaBytes, row.QuotaRepositories, row.ImmutableTags, row.Retention, row.BuildLimits);
}

/// <summary>What a request says of the quota: what it leaves out stays, null takes the bound away.</summary>
internal sealed record QuotaWish(bool SaysBytes, long? Bytes, bool SaysRepositories, long? Repositories)
{
    public static QuotaWish Read(JsonBody asked) => asked.Part("quota", "bytes", "repositories") is { } quota
        ? new QuotaWish(quota.Has("quota.bytes"), quota.Count("quota.bytes"), quota.Has("quota.repositories"), quota.Count("quota.repositories"))
        : new QuotaWish(true, null, true, null);

    public (long? Bytes, long? Repositories) Over(long? bytes, long? repositories) => (SaysBytes ? Bytes : bytes, SaysRepositories ? Repositories : repositories);
}
