namespace Claimed.Registry.Builds.Sites;

/// <summary>
/// Names that steps ask for packages by. They are made up and the same everywhere, so that neither an address nor a certificate of the site
/// gets into an image, its history or a log; only the gateway knows what they stand for.
/// </summary>
internal static class SiteHosts
{
    public const string Pip = "pypi.claimed.internal";
    public const string Cran = "cran.claimed.internal";

    public const string PublicIndex = "https://pypi.org/simple/";
    public const string PublicCran = "https://cloud.r-project.org/";

    // Where images of Debian and Ubuntu, and R, look by themselves.
    private static readonly HashSet<string> AptHosts = new(
        ["deb.debian.org", "security.debian.org", "ftp.debian.org", "archive.ubuntu.com", "security.ubuntu.com", "ports.ubuntu.com"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> CranHosts = new([Cran, "cran.r-project.org", "cloud.r-project.org", "cran.rstudio.com"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Build arguments that every stage knows, without any secret.</summary>
    public static IReadOnlyDictionary<string, string> Arguments { get; } = new Dictionary<string, string>
    {
        ["PIP_INDEX_URL"] = $"http://{Pip}/simple/",
        ["PIP_TRUSTED_HOST"] = Pip,
        ["CRAN_MIRROR"] = $"http://{Cran}/",
    };

    /// <summary>Arguments that engines hand to every step by themselves, and leave out of the history.</summary>
    public static IReadOnlyList<string> Undeclared { get; } =
        [.. new[] { "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY" }.SelectMany(name => new[] { name, name.ToLowerInvariant() })];

    /// <summary>Where the site has what was asked for; null when that lies where it says.</summary>
    public static Uri? Mapped(Uri asked, SiteOptions options)
    {
        if (options.Apt.Mirror is { } apt && AptHosts.Contains(asked.Host))
            return Below(apt, asked.PathAndQuery);
        if (asked.Host == Cran || (options.Cran.Mirror is not null && CranHosts.Contains(asked.Host)))
            return Below(options.Cran.Mirror ?? PublicCran, asked.PathAndQuery);
        return null;
    }

    /// <summary>A path below an address; dots in it lead no further up.</summary>
    public static Uri Below(string address, string path) => new(new Uri(address.TrimEnd('/') + "/"), path.TrimStart('/'));
}
