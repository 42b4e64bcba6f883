namespace Claimed.Registry.Evidence.Packages;

/// <summary>What one layer does to the packages of an image: a few kilobytes of a layer of gigabytes.</summary>
/// <param name="Records">What its files say, by path.</param>
/// <param name="Hidden">Paths that it takes away, with all that lay below them.</param>
/// <param name="Emptied">Folders whose earlier content it takes away.</param>
/// <param name="Fault">Why it could not be read; null when it was.</param>
internal sealed record LayerContents(
    IReadOnlyDictionary<string, PackageRecord> Records, IReadOnlySet<string> Hidden, IReadOnlySet<string> Emptied, string? Fault = null)
{
    private static readonly Dictionary<string, PackageRecord> NoRecords = [];
    private static readonly HashSet<string> Nothing = [];

    /// <summary>Rough bytes that it takes in memory.</summary>
    public long Weight { get; } = 512 + Records.Sum(record => 128L + (2 * record.Key.Length) + (2 * (record.Value.Note?.Length ?? 0)) + record.Value.Packages.Sum(package => (long)package.Weight))
        + Hidden.Concat(Emptied).Sum(path => 64L + (2 * path.Length));

    public static LayerContents Unreadable(string fault) => new(NoRecords, Nothing, Nothing, fault);
}
