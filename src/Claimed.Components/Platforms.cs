using System.Text.RegularExpressions;

namespace Claimed.Components;

/// <summary>What images run on: <c>os/architecture</c>, with a variant where there are several, as OCI image indexes have it.</summary>
public static partial class Platforms
{
    /// <summary>Most platforms of one version.</summary>
    public const int Most = 8;

    public const string Rule = "os/architecture such as linux/amd64 or linux/arm/v7, several with commas between, at most 8";

    /// <summary>The platforms of a list, in order and each once; null when one of them is none.</summary>
    public static IReadOnlyList<string>? Read(string list)
    {
        var platforms = list.Split(',', StringSplitOptions.TrimEntries).Select(Normal).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return platforms.Length <= Most && Array.TrueForAll(platforms, platform => OnePlatform.IsMatch(platform)) ? platforms : null;
    }

    /// <summary>As engines write it: machines call some processors by other names, and the first variant of one is the processor itself.</summary>
    public static string Normal(string platform)
    {
        var parts = platform.Trim().ToLowerInvariant().Split('/');
        if (parts.Length < 2)
            return platform;
        parts[1] = parts[1] switch
        {
            "x86_64" or "x86-64" => "amd64",
            "aarch64" => "arm64",
            "i386" or "i686" => "386",
            "armhf" => "arm",
            var known => known,
        };
        return parts is [_, "arm64", "v8"] or [_, "amd64", "v1"] ? $"{parts[0]}/{parts[1]}" : string.Join('/', parts);
    }

    /// <summary>The one way to write a list that <see cref="Read"/> takes.</summary>
    public static string Write(IEnumerable<string> platforms) => string.Join(',', platforms);

    [GeneratedRegex(@"\A[a-z][a-z0-9]{0,19}/[a-z0-9][a-z0-9_]{0,19}(/[a-z0-9]{1,10})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex OnePlatform { get; }
}
