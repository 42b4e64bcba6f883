namespace Claimed.Components.Sources;

/// <summary>Every node keeps the descriptions of all components in memory, and every list shows them.</summary>
internal static class DescriptionText
{
    private const int MaxLength = 64 * 1024;

    public static void CheckLength(string text, SourcePosition at, List<Finding> findings)
    {
        if (text.Length > MaxLength)
        {
            findings.Add(Finding.Error("description-too-long", at, $"The description has more than {MaxLength} characters.",
                "Keep what helps to choose the component, and put the rest into a README.md."));
        }
    }
}
