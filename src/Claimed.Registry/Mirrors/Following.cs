using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Mirrors;

/// <summary>How a component shows itself, as at the origin.</summary>
internal static class Showing
{
    /// <summary>Sets the tracked row; what is so already stays unmodified.</summary>
    public static void Apply(Component component, ComponentRecord from)
    {
        (component.DisplayName, component.Description, component.Category, component.GroupName) = (from.DisplayName, from.Description, from.Category, from.Group);
        if (!Json.Read<string[]>(component.Tags).SequenceEqual(from.Tags, StringComparer.Ordinal))
            component.Tags = Json.Write(from.Tags);
    }

    public static bool IsSame(Component component, ComponentRecord from) =>
        (component.DisplayName, component.Description, component.Category, component.GroupName) == (from.DisplayName, from.Description, from.Category, from.Group)
        && Json.Read<string[]>(component.Tags).SequenceEqual(from.Tags, StringComparer.Ordinal);
}

/// <summary>What may be said of a version after its publish: yanked, withdrawn, deprecated.</summary>
internal static class Flags
{
    public static void Apply(ComponentVersion row, VersionFacts facts)
    {
        (row.Yanked, row.YankReason, row.Withdrawn) = (facts.Yanked, facts.Yanked ? facts.YankReason : null, facts.Yanked && facts.Withdrawn);
        (row.Deprecated, row.Successor) = (facts.Deprecated, facts.Deprecated ? facts.Successor : null);
    }

    /// <summary>The same with events for what changes.</summary>
    public static void Follow(Change change, string subject, ComponentVersion row, VersionFacts facts)
    {
        var (yank, deprecation) = ((row.Yanked, row.YankReason, row.Withdrawn), (row.Deprecated, row.Successor));
        Apply(row, facts);
        Tell(change, subject, row, yank != (row.Yanked, row.YankReason, row.Withdrawn), deprecation != (row.Deprecated, row.Successor));
    }

    /// <summary>For the line that tells of a change.</summary>
    public static string Words(ComponentVersion row) => (row.Withdrawn ? "withdrawn" : row.Yanked ? "yanked" : null, row.Deprecated) switch
    {
        (null, false) => "neither yanked nor deprecated",
        (null, true) => "deprecated",
        (var yanked, true) => $"{yanked}, deprecated",
        var (yanked, _) => yanked,
    };

    public static bool AreSame(ComponentVersion row, VersionFacts facts) =>
        (row.Yanked, row.YankReason, row.Withdrawn, row.Deprecated, row.Successor)
        == (facts.Yanked, facts.Yanked ? facts.YankReason : null, facts.Yanked && facts.Withdrawn, facts.Deprecated, facts.Deprecated ? facts.Successor : null);

    public static void Tell(Change change, string subject, ComponentVersion row, bool isYankChanged, bool isDeprecationChanged)
    {
        if (isYankChanged)
            change.Tell(row.Yanked ? "version.yanked" : "version.unyanked", subject, new { version = row.Number, reason = row.YankReason });
        if (isDeprecationChanged)
            change.Tell(row.Deprecated ? "version.deprecated" : "version.undeprecated", subject, new { version = row.Number, successor = row.Successor });
    }
}
