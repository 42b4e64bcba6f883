using System.Text;

namespace Claimed.Registry.Evidence.Packages;

/// <summary>What a file of an image says of packages.</summary>
/// <param name="Packages">Those that it names.</param>
/// <param name="Note">A sentence about what is not read of it; null when all is.</param>
internal sealed record PackageRecord(IReadOnlyList<InstalledPackage> Packages, string? Note = null)
{
    /// <summary>Of an os-release: what the image is.</summary>
    public (string? Id, string? Version)? Distribution { get; init; }
}

/// <summary>Which files of an image name packages, and how each is read.</summary>
internal static class PackageFiles
{
    // The largest that were met are the databases of whole desktops.
    private const int MaxText = 64 * 1024 * 1024;
    private const int MaxDatabase = 256 * 1024 * 1024;
    private const int MaxOne = 4 * 1024 * 1024;

    /// <summary>Bytes that a file of this path may have to be read; null for one that names no packages.</summary>
    public static int? MostBytes(string path)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        return path switch
        {
            "var/lib/dpkg/status" or "lib/apk/db/installed" or "usr/lib/apk/db/installed" => MaxText,
            "etc/os-release" or "usr/lib/os-release" => MaxOne,
            _ when path.StartsWith("var/lib/dpkg/status.d/", StringComparison.Ordinal) => name.EndsWith(".md5sums") ? null : MaxOne,
            _ when IsRpm(path) => name is "rpmdb.sqlite" ? MaxDatabase : name is "Packages" or "Packages.db" ? int.MaxValue : null,
            _ when name is "METADATA" => ParentOf(path).EndsWith(".dist-info") ? MaxOne : null,
            _ when name is "PKG-INFO" => ParentOf(path).EndsWith(".egg-info") ? MaxOne : null,
            _ when name.EndsWith(".egg-info") => MaxOne,
            _ when name is "DESCRIPTION" => LibraryOf(path) is "library" or "site-library" ? MaxOne : null,
            _ => null,
        };
    }

    /// <summary>Whether the content is looked at; of the others it counts that they are there.</summary>
    public static bool IsRead(string path) => !IsRpm(path) || path.EndsWith("/rpmdb.sqlite", StringComparison.Ordinal);

    /// <param name="allowance">What it may name; one that is spent has cut the list.</param>
    /// <exception cref="InvalidDataException">The file is not what its name says.</exception>
    public static PackageRecord Read(string path, byte[] content, PackageAllowance allowance, CancellationToken cancellation)
    {
        if (IsRpm(path))
            return new PackageRecord([.. allowance.Take(RpmDatabase.Read(content, cancellation))]);
        var text = Encoding.UTF8.GetString(content);
        var name = path[(path.LastIndexOf('/') + 1)..];
        return path switch
        {
            "var/lib/dpkg/status" => All(Fields.Stanzas(text).Where(IsInstalled).Select(Deb)),
            "lib/apk/db/installed" or "usr/lib/apk/db/installed" => All(Fields.Stanzas(text).Select(Apk)),
            "etc/os-release" or "usr/lib/os-release" => new([]) { Distribution = OsRelease(text) },
            _ when path.StartsWith("var/lib/dpkg/", StringComparison.Ordinal) => All(Fields.Stanzas(text).Select(Deb)),
            _ when name == "DESCRIPTION" => All([Cran(Fields.First(text))]),
            _ => All([Pypi(Fields.First(text))]),
        };

        PackageRecord All(IEnumerable<InstalledPackage?> named)
        {
            var packages = new List<InstalledPackage>();
            foreach (var package in allowance.Take(named.OfType<InstalledPackage>()))
            {
                cancellation.ThrowIfCancellationRequested();
                packages.Add(package);
            }
            return new PackageRecord(packages);
        }
    }

    /// <summary>What stands in the list for a file whose content is not looked at.</summary>
    public static PackageRecord Unread(string path) => new([],
        $"The rpm database /{path} is {(path.EndsWith(".db", StringComparison.Ordinal) ? "of the kind ndb" : "a Berkeley database")}, which is not read: its packages are not in this list.");

    /// <summary>Whether a link of this name, instead of the folder that was there, may hide files that name packages.</summary>
    public static bool MayHide(string path)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        return name is "usr" or "lib" or "lib64" or "local" or "var" or "opt" or "dpkg" or "apk" or "db" or "rpm" or "sysimage" or "R" or "library" or "site-library"
            or "site-packages" or "dist-packages" or "status.d" || name.StartsWith("python") || name.EndsWith(".dist-info") || name.EndsWith(".egg-info")
            || ParentOf(path) is "library" or "site-library";
    }

    private static bool IsRpm(string path) => path.StartsWith("var/lib/rpm/", StringComparison.Ordinal) || path.StartsWith("usr/lib/sysimage/rpm/", StringComparison.Ordinal);

    private static ReadOnlySpan<char> ParentOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path.AsSpan(0, slash)[(path.AsSpan(0, slash).LastIndexOf('/') + 1)..];
    }

    /// <summary>The folder that an R package's folder lies in.</summary>
    private static ReadOnlySpan<char> LibraryOf(string path)
    {
        var slash = path.LastIndexOf('/');
        var above = slash < 0 ? -1 : path.LastIndexOf('/', slash - 1);
        return above < 0 ? "" : path.AsSpan(0, above)[(path.AsSpan(0, above).LastIndexOf('/') + 1)..];
    }

    private static bool IsInstalled(Fields one) => one["Status"] is not { } status || status.EndsWith(" installed", StringComparison.Ordinal);

    private static InstalledPackage? Deb(Fields one) => InstalledPackage.Of(PackageKind.Deb, one["Package"], one["Version"], one["Architecture"], null);

    private static InstalledPackage? Apk(Fields one) => InstalledPackage.Of(PackageKind.Apk, one["P"], one["V"], one["A"], one["L"]);

    private static InstalledPackage? Pypi(Fields one) => InstalledPackage.Of(PackageKind.Pypi, one["Name"], one["Version"], null, one["License-Expression"] ?? one["License"]);

    // Sources have such a file, too; what was installed says with what it was built.
    private static InstalledPackage? Cran(Fields one) => one["Built"] is null ? null : InstalledPackage.Of(PackageKind.Cran, one["Package"], one["Version"], null, one["License"]);

    private static (string?, string?) OsRelease(string text)
    {
        string? Value(string name) => text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith(name + "=", StringComparison.Ordinal))
            .Select(line => line[(name.Length + 1)..].Trim('"', '\'')).FirstOrDefault(value => value.Length is > 0 and <= 64);
        return (Value("ID"), Value("VERSION_ID"));
    }
}
