using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.AspNetCore.Http.Features;

namespace Claimed.Registry.Namespaces;

/// <summary>What a request wants a namespace to be; null where it does not say.</summary>
internal sealed record NamespaceWish(bool? IsPrivate, bool? OnlyTrusted)
{
    private static readonly string[] Names = ["visibility", "onlyTrusted"];

    public bool IsEmpty => this is { IsPrivate: null, OnlyTrusted: null };

    /// <param name="mayBeEmpty">A request without a body wants nothing.</param>
    public static async Task<NamespaceWish> ReadAsync(HttpRequest request, bool mayBeEmpty = false)
    {
        if (mayBeEmpty && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return new NamespaceWish(null, null);
        var asked = await JsonBody.ReadAsync(request, Names);
        var visibility = asked.Text("visibility");
        if (asked.Has("visibility") && visibility is not ("public" or "private"))
            throw JsonBody.Bad("visibility", "can be public or private.");
        return new NamespaceWish(visibility is null ? null : visibility == "private", asked.Has("onlyTrusted") ? asked.Flag("onlyTrusted") : null);
    }

    public void Apply(Namespace row)
    {
        row.IsPrivate = IsPrivate ?? row.IsPrivate;
        row.OnlyTrusted = OnlyTrusted ?? row.OnlyTrusted;
    }

    public bool Fits(NamespaceEntry entry) => (IsPrivate ?? entry.IsPrivate) == entry.IsPrivate && (OnlyTrusted ?? entry.OnlyTrusted) == entry.OnlyTrusted;
}
