using System.Globalization;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Registry.Storage.Snapshot;
using Semver;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>
/// Names as Elyra's palette takes them. Of a component with a quote, a backslash or a control character in its name the palette shows no
/// component at all, and two equal labels cannot be told apart.
/// </summary>
internal static class PaletteText
{
    /// <summary>The schemas of all connectors.</summary>
    public const int MaxCategory = 18;

    // What tells categories apart stands at the end, and is shortened at its beginning.
    private const int MaxEnd = 11;

    /// <summary>The name of a category, cut between words where it is too long.</summary>
    /// <param name="ends">What tells it from others of that name, behind it whatever its length; null for nothing.</param>
    public static string Category(string text, params IEnumerable<string?> ends)
    {
        var end = Plain(string.Join(' ', ends.OfType<string>()));
        if (end.Length == 0)
            return Short(Plain(text), MaxCategory);
        if (end.Length > MaxEnd)
            end = "…" + end[WholeText.Cut(end, 0, end.Length - MaxEnd + 1)..];
        return $"{Short(Plain(text), MaxCategory - 1 - end.Length)} {end}";
    }

    private static string Short(string plain, int most)
    {
        if (plain.Length <= most)
            return plain;
        var end = plain.LastIndexOfAny([' ', '-'], most);
        return end > most / 3 ? plain[..end].TrimEnd() : plain[..WholeText.Cut(plain, 0, most - 1)].TrimEnd() + "…";
    }

    /// <summary>The title without what breaks the palette; the name where nothing is left.</summary>
    public static string Title(ComponentEntry component) => Plain(component.DisplayName) is { Length: > 0 } title ? title : component.Name;

    /// <summary>The title, and the component's name where one cannot be told from the other.</summary>
    /// <param name="version">What stands behind the title; null for none.</param>
    /// <param name="space">Whether components of several namespaces stand side by side.</param>
    public static string Label(ComponentEntry component, string? version, bool space)
    {
        var title = version is null ? Title(component) : $"{Title(component)} {version}";
        var isNamed = ComponentName.Slug(component.DisplayName) == component.Name;
        return (space, isNamed) switch
        {
            (true, true) => $"{title} ({component.Namespace})",
            (true, false) => $"{title} ({component.Subject})",
            (false, true) => title,
            (false, false) => $"{title} ({component.Name})",
        };
    }

    /// <summary><c>1.x</c>.</summary>
    public static string Major(SemVersion number) => string.Create(CultureInfo.InvariantCulture, $"{number.Major}.x");

    private static string Plain(string text) =>
        ElyraText.OneLine(string.Concat(text.Select(letter => letter switch { '"' => '\'', '\\' => '/', _ => letter })));
}
