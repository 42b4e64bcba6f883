namespace Claimed.Components.Renditions;

/// <summary>
/// The component file for Elyra. Elyra pastes it unescaped between <c>"""</c> of a Python file at export, so backslashes and
/// triple quotes are written the way Python takes them back; YAML readers see the same component either way.
/// </summary>
internal static class ElyraRendition
{
    public static string Write(RenditionSource source) => Escape(ComponentRendition.Write(source with { Definition = ElyraFiles.Without(source.Definition) }, forElyra: true));

    private static string Escape(string yaml) => yaml
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"\"\"", "\\\"\\\"\\\"", StringComparison.Ordinal);
}
