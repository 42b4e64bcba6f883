namespace Claimed.Registry.Evidence.Packages;

/// <summary>Which package manager knows a package.</summary>
public enum PackageKind
{
    Deb,
    Apk,
    Rpm,
    Pypi,
    Cran,
}

/// <summary>A package as the image's own records name it.</summary>
/// <param name="Version">With release and epoch, as its package manager writes it.</param>
/// <param name="License">As the package says, in its own words.</param>
public sealed record InstalledPackage(PackageKind Kind, string Name, string Version, string? Architecture = null, string? License = null)
{
    private const int MaxText = 512;

    /// <summary>A package with its texts cut to what a document takes; null without a name or version.</summary>
    public static InstalledPackage? Of(PackageKind kind, string? name, string? version, string? architecture, string? license) =>
        Clean(name) is { } known && Clean(version) is { } number ? new InstalledPackage(kind, known, number, Clean(architecture), Clean(license)) : null;

    /// <summary>Rough bytes that it takes in memory.</summary>
    internal int Weight => 96 + (2 * (Name.Length + Version.Length + (Architecture?.Length ?? 0) + (License?.Length ?? 0)));

    /// <param name="distribution">What the image is: <c>ID</c> and <c>VERSION_ID</c> of its os-release; both may be missing.</param>
    public string Purl((string? Id, string? Version) distribution)
    {
        var id = distribution.Id ?? Kind switch { PackageKind.Deb => "debian", PackageKind.Apk => "alpine", _ => "linux" };
        return Kind switch
        {
            PackageKind.Pypi => $"pkg:pypi/{Escape(Name.ToLowerInvariant().Replace('_', '-'))}@{Escape(Version)}",
            PackageKind.Cran => $"pkg:cran/{Escape(Name)}@{Escape(Version)}",
            PackageKind.Rpm => $"pkg:rpm/{Escape(id)}/{Escape(Name)}@{Escape(Version[(Version.IndexOf(':') + 1)..])}{Qualifiers(distribution, Version.Split(':') is [var epoch, _] ? epoch : null)}",
            _ => $"pkg:{(Kind == PackageKind.Deb ? "deb" : "apk")}/{Escape(id)}/{Escape(Name)}@{Escape(Version)}{Qualifiers(distribution, null)}",
        };
    }

    private string Qualifiers((string? Id, string? Version) distribution, string? epoch)
    {
        var all = new List<string>();
        if (Architecture is not null)
            all.Add($"arch={Escape(Architecture)}");
        if (distribution is { Id: { } id, Version: { } version })
            all.Add($"distro={Escape($"{id}-{version}")}");
        if (epoch is not null)
            all.Add($"epoch={Escape(epoch)}");
        return all.Count == 0 ? "" : "?" + string.Join('&', all);
    }

    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal);

    private static string? Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        // What is cut may end with half a character.
        var cut = text.Length <= MaxText ? text : text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
        var clean = cut.Any(char.IsControl) ? new string([.. cut.Where(one => !char.IsControl(one))]) : cut;
        return clean.Trim() is { Length: > 0 } trimmed ? trimmed : null;
    }
}
