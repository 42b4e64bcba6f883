using Claimed.Components;

namespace Claimed.Registry.Publish.Libraries;

/// <summary>A component of a library with its name.</summary>
/// <param name="Clash">Said when another one of the library would have had the same name; an error when no name tells the two apart.</param>
internal sealed record NamedEntry(LibraryEntry Entry, string Name, Finding? Clash);

/// <summary>
/// Keeps two components of a library from becoming versions of each other. Of those with one name each gets another: its category in front,
/// else the kind of its source behind. All of them do, so that a name never goes from one source to another when a third one comes.
/// </summary>
internal static class LibraryNames
{
    /// <summary>Code of what is said of them.</summary>
    public const string Shared = "name-shared";

    /// <param name="found">With the name that each would have alone.</param>
    public static IReadOnlyList<NamedEntry> Settle(IReadOnlyList<(LibraryEntry Entry, string Name)> found)
    {
        var taken = found.Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        var named = new List<NamedEntry>();
        foreach (var group in found.GroupBy(one => one.Name, StringComparer.Ordinal))
        {
            if (group.Count() == 1)
                named.Add(new NamedEntry(group.First().Entry, group.Key, null));
            else
                named.AddRange(Apart(group.Key, [.. group.Select(one => one.Entry)], taken));
        }
        return [.. named.OrderBy(one => one.Entry.Path, StringComparer.Ordinal)];
    }

    private static IEnumerable<NamedEntry> Apart(string name, IReadOnlyList<LibraryEntry> entries, HashSet<string> taken)
    {
        foreach (var rule in (ReadOnlySpan<Func<LibraryEntry, string>>)[entry => $"{entry.Category}-{name}", entry => $"{name}-{Kind(entry)}", entry => $"{entry.Category}-{name}-{Kind(entry)}"])
        {
            var names = entries.Select(rule).Select(ComponentName.Slug).ToList();
            if (names.Distinct(StringComparer.Ordinal).Count() < names.Count || names.Exists(taken.Contains) || !names.TrueForAll(ComponentName.IsName))
                continue;
            taken.UnionWith(names);
            return entries.Zip(names, (entry, other) => new NamedEntry(entry, other, Clash(Finding.Warning, entry, $"so this one is published as {other}")));
        }
        return entries.Select(entry => new NamedEntry(entry, name, Clash(Finding.Error, entry, "and nothing tells them apart")));

        Finding Clash(Func<string, SourcePosition, string, string, string?, Finding> weight, LibraryEntry entry, string what) => weight(Shared, new SourcePosition(entry.Path),
            $"The name {name} is also that of {string.Join(", ", entries.Where(other => other != entry).Select(other => other.Path))}, {what}.",
            "Write a name of its own into the source, `# claimed: name=…`, or rename the file or folder.", null);
    }

    private static string Kind(LibraryEntry entry) => Path.GetExtension(entry.Path).TrimStart('.');
}
