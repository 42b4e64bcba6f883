using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Versions;

/// <summary>What a PATCH of a version says: absent stays, null clears.</summary>
/// <param name="Yanked">True hides the version from lists, ranges and <c>latest</c>; exact references and digests go on.</param>
/// <param name="Reason">Why it is yanked.</param>
/// <param name="Deprecated">True warns those who use it.</param>
/// <param name="Successor">What to use instead: a version of this component, or <c>namespace/name</c> with or without <c>@version</c>.</param>
public sealed record VersionPatchDocument(bool? Yanked, string? Reason, bool? Deprecated, string? Successor);

/// <summary>A PATCH that was read and makes sense by itself.</summary>
internal sealed class VersionPatch
{
    public static readonly string[] Names = ["yanked", "reason", "deprecated", "successor"];

    private readonly JsonBody _asked;
    private readonly string? _successor;

    public VersionPatch(JsonBody asked)
    {
        _asked = asked;
        Yanked = asked.Flag("yanked");
        Reason = asked.Text("reason", lines: true);
        Deprecated = asked.Flag("deprecated");
        _successor = asked.Text("successor");
    }

    private bool Yanked { get; }

    private string? Reason { get; }

    private bool Deprecated { get; }

    /// <summary>Changes the tracked row and tells what changed; false when it already was so.</summary>
    public async Task<bool> ApplyAsync(Change change, string subject, ComponentVersion version, CatalogView view)
    {
        var (yank, deprecation) = ((version.Yanked, version.YankReason), (version.Deprecated, version.Successor));
        if (_asked.Has("yanked"))
            version.Yanked = Yanked;
        version.Withdrawn &= version.Yanked;
        if (_asked.Has("reason") || !version.Yanked)
            version.YankReason = Reason;
        if (!version.Yanked && version.YankReason is not null)
            throw JsonBody.Bad("reason", "says why a version is yanked: send \"yanked\": true with it.");
        if (_asked.Has("deprecated"))
            version.Deprecated = Deprecated;
        if (_asked.Has("successor") || !version.Deprecated)
            version.Successor = _successor is null ? null : await SuccessorAsync(change, subject, version, _successor, view);
        if (!version.Deprecated && version.Successor is not null)
            throw JsonBody.Bad("successor", "follows a deprecated version: send \"deprecated\": true with it.");

        var (isYankChanged, isDeprecationChanged) = (yank != (version.Yanked, version.YankReason), deprecation != (version.Deprecated, version.Successor));
        if (isYankChanged)
            change.Tell(version.Yanked ? "version.yanked" : "version.unyanked", subject, new { version = version.Number, reason = version.YankReason });
        if (isDeprecationChanged)
            change.Tell(version.Deprecated ? "version.deprecated" : "version.undeprecated", subject, new { version = version.Number, successor = version.Successor });
        return isYankChanged || isDeprecationChanged;
    }

    /// <summary>The successor as it is stored; it must exist and be another version.</summary>
    private static async Task<string> SuccessorAsync(Change change, string subject, ComponentVersion version, string text, CatalogView view)
    {
        var (component, number) = Parse(text, subject);
        var parts = component.Split('/');
        var versions = change.Db.Versions.Where(row => row.Component!.Namespace!.Name == parts[0] && row.Component.Name == parts[1]);
        if (component == subject && (number is null || number == version.Number))
            throw JsonBody.Bad("successor", "is the version itself.");
        // What the caller does not see is as if it were not there.
        if ((component != subject && view.Find(parts[0], parts[1]) is null) || !await versions.AnyAsync(row => number == null || row.Number == number, change.Cancellation))
            throw JsonBody.Bad("successor", number is null ? $"names {component}, which nobody has published." : $"names {component} {number}, which does not exist.");
        if (component == subject)
            return number!;
        return number is null ? component : $"{component}@{number}";
    }

    private static (string Component, string? Number) Parse(string text, string subject)
    {
        var halves = text.Split('@', 2);
        var isVersion = !text.Contains('/');
        var component = isVersion ? subject : halves[0];
        var number = isVersion ? text : halves.ElementAtOrDefault(1);
        var parts = component.Split('/');
        if (parts.Length == 2 && ComponentName.IsNamespace(parts[0]) && ComponentName.IsName(parts[1]))
        {
            if (number is null)
                return (component, null);
            if (SemanticVersion.TryParse(number, out var version))
                return (component, version.ToString());
        }
        throw JsonBody.Bad("successor", "is neither a version, such as 1.3.0, nor namespace/name or namespace/name@1.3.0.");
    }
}
