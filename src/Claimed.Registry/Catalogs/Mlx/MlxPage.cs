using System.Globalization;
using Claimed.Registry.Access;
using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>What a request to a list asks for; null or empty members are absent.</summary>
/// <param name="Size">At most 1000; everything when absent.</param>
/// <param name="Token">Where an earlier page ended.</param>
internal sealed record MlxPage(string? Filter, string? SortBy, int? Size, string? Token)
{
    private const int MostSize = 1000;

    /// <summary>Whether it is the list of everything, in the order of the catalog.</summary>
    public bool IsAll => Size is null && string.IsNullOrWhiteSpace(Filter) && string.IsNullOrWhiteSpace(SortBy) && string.IsNullOrEmpty(Token);

    /// <exception cref="RefusedException">400: a parameter that nothing can be made of.</exception>
    public (IReadOnlyList<MlxComponent> Components, int Total, string? Next) Of(CatalogView view)
    {
        PageQuery.CheckLimit(Size, MostSize);
        var start = 0;
        if (Token is { Length: > 0 } && !int.TryParse(Token, NumberStyles.None, CultureInfo.InvariantCulture, out start))
            throw PageQuery.BadQuery("page_token was not given out by this list; start without one.");
        var all = MlxFilter.Sorted(view.Components.SelectMany(MlxId.All).Where(MlxFilter.Read(Filter)), SortBy).ToList();
        var page = all.Skip(start).Take(Size ?? all.Count).ToList();
        var end = start + page.Count;
        return (page, all.Count, end < all.Count ? end.ToString(CultureInfo.InvariantCulture) : null);
    }
}
