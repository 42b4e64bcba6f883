namespace Claimed.Registry.Evidence.Packages;

/// <summary>The packages of one image, for one platform.</summary>
/// <param name="Packages">In the order of kind, name and version; each once.</param>
/// <param name="Notes">Sentences about what could not be read; with none the list is as complete as the image's own records.</param>
public sealed record ImagePackages((string? Id, string? Version) Distribution, IReadOnlyList<InstalledPackage> Packages, IReadOnlyList<string> Notes)
{
    // A document with a note for each of a hundred thousand files helps nobody.
    private const int MaxNotes = 1000;

    /// <summary>As much of it as a list still takes, which says so when that is not all.</summary>
    /// <param name="most">Packages.</param>
    internal ImagePackages Within(int most)
    {
        IReadOnlyList<string> notes = Notes.Count <= MaxNotes ? Notes : [.. Notes.Take(MaxNotes), $"{Notes.Count - MaxNotes} more things could not be read."];
        return Packages.Count <= most ? this with { Notes = notes }
            : this with { Packages = [.. Packages.Take(most)], Notes = [.. notes, $"The image names {Packages.Count} packages, which is more than one list takes: {Packages.Count - most} are not in it."] };
    }

    /// <summary>Lays the layers over each other: a later file counts, and what a later layer took away does not.</summary>
    internal static ImagePackages Of(IEnumerable<(string Digest, LayerContents Contents)> layers)
    {
        var records = new Dictionary<string, PackageRecord>(StringComparer.Ordinal);
        var notes = new List<string>();
        foreach (var (digest, layer) in layers)
        {
            if (layer.Fault is { } fault)
                notes.Add($"The layer {digest} is not read: {fault}. What it adds is not in this list, and what it takes away is.");
            foreach (var path in records.Keys.Where(path => IsGone(path, layer)).ToList())
                records.Remove(path);
            foreach (var (path, record) in layer.Records)
                records[path] = record;
        }
        notes.AddRange(records.OrderBy(record => record.Key, StringComparer.Ordinal).Select(record => record.Value.Note).OfType<string>());
        var system = records.GetValueOrDefault("etc/os-release")?.Distribution ?? records.GetValueOrDefault("usr/lib/os-release")?.Distribution ?? (null, null);
        var packages = records.Values.SelectMany(record => record.Packages).Distinct()
            .OrderBy(package => package.Kind).ThenBy(package => package.Name, StringComparer.Ordinal).ThenBy(package => package.Version, StringComparer.Ordinal)
            .ThenBy(package => package.Architecture, StringComparer.Ordinal).ThenBy(package => package.License, StringComparer.Ordinal).ToList();
        return new ImagePackages(system, packages, notes);
    }

    private static bool IsGone(string path, LayerContents layer)
    {
        if (layer.Hidden.Count + layer.Emptied.Count == 0)
            return false;
        if (layer.Hidden.Contains(path) || layer.Emptied.Contains(""))
            return true;
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            var folder = path[..slash];
            if (layer.Hidden.Contains(folder) || layer.Emptied.Contains(folder))
                return true;
        }
        return false;
    }
}
