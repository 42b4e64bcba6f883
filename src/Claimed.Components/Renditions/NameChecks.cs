namespace Claimed.Components.Renditions;

/// <summary>Names that people read: a wrong one in Elyra's palette answers 500 to every user of the runtime.</summary>
internal static class NameChecks
{
    private const int LongestElyraCategory = 18;

    public static IEnumerable<Finding> Check(Definition definition)
    {
        var at = new SourcePosition(definition.MainFile);
        IEnumerable<Finding> findings = DisplayName(definition.DisplayName, at);
        return definition.Category is { } category ? findings.Concat(Category(category, at)) : findings;
    }

    public static IReadOnlyList<Finding> Category(string category, SourcePosition at)
    {
        var findings = new List<Finding>();
        if (string.IsNullOrWhiteSpace(category))
            findings.Add(Finding.Error("category-empty", at, "The category is empty.", "Write a word such as Metric, or leave the category out."));
        else if (category.Any(IsPaletteBreaker))
        {
            findings.Add(Finding.Error("category-illegal", at, $"The category '{Shown(category)}' holds a quote, a backslash or a control character, which break Elyra's palette for every user.",
                "Use letters, digits, spaces and hyphens.", "elyra"));
        }
        if (category.Length > LongestElyraCategory)
        {
            findings.Add(Finding.Warning("category-too-long", at, $"The category '{Shown(category)}' has {category.Length} characters; Elyra takes at most {LongestElyraCategory}.",
                $"Shorten it to {LongestElyraCategory} characters.", "elyra"));
        }
        return findings;
    }

    public static IReadOnlyList<Finding> DisplayName(string name, SourcePosition at)
    {
        if (string.IsNullOrWhiteSpace(name))
            return [Finding.Warning("display-name-empty", at, "The component has no name that people can read; its name in the URL is shown.", "Give it a display name.")];
        if (!name.Any(IsPaletteBreaker))
            return [];
        return [Finding.Warning("display-name-illegal", at, $"The display name '{Shown(name)}' holds a quote, a backslash or a control character, which break Elyra's palette; they are replaced in what clients get.",
            "Use letters, digits, spaces and hyphens.", "elyra")];
    }

    public static bool IsPaletteBreaker(char c) => c is '"' or '\\' || char.IsControl(c);

    public static string Shown(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
