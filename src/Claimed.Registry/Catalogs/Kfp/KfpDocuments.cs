namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>A package as the SDK reads it.</summary>
/// <param name="Name"><c>packages/{package}</c>.</param>
public sealed record KfpPackageDocument(string Name, DateTimeOffset CreateTime, DateTimeOffset UpdateTime)
{
    internal static KfpPackageDocument Of(KfpPackage package) => new($"packages/{package.Name}", At(package.Component.CreatedAt), At(package.Component.UpdatedAt));

    internal static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

/// <summary>All packages of a namespace, in one page: the SDK asks for no second.</summary>
public sealed record KfpPackagesDocument(IReadOnlyList<KfpPackageDocument> Packages);

/// <summary>A version of a package.</summary>
/// <param name="Name"><c>packages/{package}/versions/sha256:…</c>.</param>
public sealed record KfpVersionDocument(string Name, DateTimeOffset CreateTime, DateTimeOffset UpdateTime, string? Description)
{
    internal static KfpVersionDocument Of(KfpPackage package, KfpVersion found) => new(NameOf(package, found),
        KfpPackageDocument.At(found.Version.CreatedAt), KfpPackageDocument.At(found.Version.ReadyAt ?? found.Version.CreatedAt), package.Component.Description);

    internal static string NameOf(KfpPackage package, KfpVersion version) => $"packages/{package.Name}/versions/{version.Definition.Digest}";
}

/// <summary>All versions of a package that lists show, highest first.</summary>
public sealed record KfpVersionsDocument(IReadOnlyList<KfpVersionDocument> Versions);

/// <summary>A tag and the version that it means now.</summary>
/// <param name="Name"><c>packages/{package}/tags/{tag}</c>.</param>
/// <param name="Version"><c>packages/{package}/versions/sha256:…</c>.</param>
public sealed record KfpTagDocument(string Name, string Version)
{
    internal static KfpTagDocument Of(KfpPackage package, string tag, KfpVersion version) =>
        new($"packages/{package.Name}/tags/{tag}", KfpVersionDocument.NameOf(package, version));
}

/// <summary>All tags of a package: its channels and the numbers of its versions.</summary>
public sealed record KfpTagsDocument(IReadOnlyList<KfpTagDocument> Tags);
