namespace Claimed.Components.Sources.Requirements;

/// <summary>Which options of pip are kept, which change nothing in an image, and which take a value.</summary>
internal static class PipOptions
{
    private static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal)
    {
        ["-i"] = "--index-url",
        ["-f"] = "--find-links",
        ["-r"] = "--requirement",
        ["-c"] = "--constraint",
        ["-e"] = "--editable",
        ["-U"] = "--upgrade",
        ["-q"] = "--quiet",
        ["-v"] = "--verbose",
        ["-I"] = "--ignore-installed",
        ["-y"] = "--yes",
    };

    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal)
    {
        "--no-deps", "--pre", "--prefer-binary", "--no-build-isolation", "--upgrade", "--ignore-installed", "--force-reinstall",
    };

    private static readonly HashSet<string> WithoutEffect = new(StringComparer.Ordinal)
    {
        "--quiet", "--verbose", "--user", "--yes", "--no-cache-dir", "--no-input", "--disable-pip-version-check", "--break-system-packages",
        "--no-warn-script-location", "--no-color", "-qq", "-qqq", "-vv",
    };

    private static readonly HashSet<string> Addresses = new(StringComparer.Ordinal) { "--index-url", "--extra-index-url", "--find-links" };

    private static readonly HashSet<string> ValuesWithoutEffect = new(StringComparer.Ordinal)
    {
        "--progress-bar", "--root-user-action", "--timeout", "--retries", "--cache-dir", "--trusted-host",
    };

    public static string LongName(string option) => Short.GetValueOrDefault(option, option);

    public static bool IsKept(string option) => Kept.Contains(option);

    public static bool HasNoEffect(string option) => WithoutEffect.Contains(option);

    public static bool TakesAddress(string option) => Addresses.Contains(option);

    public static bool TakesValueWithoutEffect(string option) => ValuesWithoutEffect.Contains(option);
}
