namespace Claimed.Registry.Evidence.Packages;

/// <summary>How much a list takes: whole desktops have some thousand packages, with some hundred bytes each.</summary>
/// <param name="Packages">Of one layer, and of all images of one list.</param>
/// <param name="Bytes">Of memory, for the same.</param>
internal sealed record PackageBounds(int Packages, long Bytes)
{
    public static readonly PackageBounds Usual = new(200_000, 128L * 1024 * 1024);
}

/// <summary>What a layer may still name; it is counted while records are read, as a short file can name millions.</summary>
internal sealed class PackageAllowance(PackageBounds bounds)
{
    private int _packages = bounds.Packages;
    private long _bytes = bounds.Bytes;

    public bool IsSpent => _packages < 0 || _bytes < 0;

    /// <summary>The packages as long as there is room; the one that has none ends them.</summary>
    public IEnumerable<InstalledPackage> Take(IEnumerable<InstalledPackage> packages)
    {
        foreach (var package in packages)
        {
            Count(1, package.Weight);
            if (IsSpent)
                yield break;
            yield return package;
        }
    }

    public void Count(int packages, long bytes) => (_packages, _bytes) = (_packages - packages, _bytes - bytes);
}
